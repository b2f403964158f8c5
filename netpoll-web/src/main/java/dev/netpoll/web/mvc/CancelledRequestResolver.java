// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.web.RequestContext;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Handles every exception of a handler whose request's context has ended early: the exception is a
 * consequence of that end, however it is wrapped, and no error of the application. The connector answers.
 * Runs before all other resolvers, because an application's advice for all exceptions would answer 500.
 */
public final class CancelledRequestResolver implements HandlerExceptionResolver, Ordered {

    private static final Log LOG = LogFactory.getLog(CancelledRequestResolver.class);

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable Object handler,
            Exception ex) {
        RequestContext context = RequestContext.of(request);
        CancelCause cause = context == null ? null : context.earlyEnd();
        if (context == null || cause == null) {
            return null;
        }
        context.giveUp();
        if (LOG.isDebugEnabled()) {
            LOG.debug("The handler ended with its request's context: " + cause.message(), ex);
        }
        return new ModelAndView();
    }
}
