// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.web.RequestContext;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.slf4j.MDC;

import java.io.IOException;

/**
 * Puts the ids of connection and request into the log's MDC, and handles exceptions that filters and views
 * throw because the request's context has ended early, which Tomcat would log as errors. Comes first. A
 * request of MockMvc, which has no server, gets a plain context here unless its test has bound one. Runs on
 * the handler's thread.
 */
public final class CancelContextFilter implements Filter {

    static final String CONNECTION_ID = "connectionId";
    static final String REQUEST_ID = "requestId";

    private static final Log LOG = LogFactory.getLog(CancelContextFilter.class);

    private final BackgroundContexts background;
    private final boolean mdc;

    /**
     * @param background whose root is the parent of requests that come by no server
     * @param mdc whether connection and request are named in the log's MDC
     */
    public CancelContextFilter(BackgroundContexts background, boolean mdc) {
        this.background = background;
        this.mdc = mdc;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (mdc) {
            MDC.put(CONNECTION_ID, request.getServletConnection().getConnectionId());
            MDC.put(REQUEST_ID, request.getRequestId());
        }
        try {
            if (CancelContext.currentOrNull() == null && RequestContext.of(request) == null) {
                inAContextOfItsOwn(request, response, chain);
            } else {
                chain.doFilter(request, response);
            }
        } catch (IOException | ServletException | RuntimeException e) {
            CancelCause cause = RequestContext.earlyEnd(request);
            if (cause == null) {
                throw e;
            }
            LOG.debug("The request ended with its context: " + cause.message(), e);
        } finally {
            if (mdc) {
                MDC.remove(CONNECTION_ID);
                MDC.remove(REQUEST_ID);
            }
        }
    }

    private void inAContextOfItsOwn(
            ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try (CancelScope scope = background.root().withCancel();
                Binding _ = scope.bind()) {
            chain.doFilter(request, response);
        }
    }
}
