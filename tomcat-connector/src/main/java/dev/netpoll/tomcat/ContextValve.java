// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelCause.ClientDisconnected.How;
import dev.netpoll.context.CancelScope;
import dev.netpoll.web.CompletionListener;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Gives every request its context, before any filter runs, and sees to it that it ends with the
 * request. The first valve of the engine's pipeline; works on any connector, and on ours knows when
 * the peer leaves and can answer for a handler that does not stop.
 *
 * <p>Runs on the handler's thread.
 */
public final class ContextValve extends ValveBase {

    private static final Log LOG = LogFactory.getLog(ContextValve.class);

    private static final String HTTP_2 = "HTTP/2.0";

    private final RequestContexts contexts;
    private final boolean queryStrings;

    /** Without query strings. */
    public ContextValve(RequestContexts contexts) {
        this(contexts, false);
    }

    /**
     * @param queryStrings whether what requests are called, for people, has the query string, which can
     *     be a secret
     */
    public ContextValve(RequestContexts contexts, boolean queryStrings) {
        super(true);
        this.contexts = contexts;
        this.queryStrings = queryStrings;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        NetpollSocketWrapper connection = ConnectionProcessing.current();
        TomcatRequestContext scope = connection == null ? of(request) : connection.request();
        if (scope == null || scope.isOver()) {
            if (response.isError()) {
                refused(request, response);
                return;
            }
            scope = open(request, exchange(request, connection));
        }
        scope.enter();
        try {
            getNext().invoke(request, response);
        } finally {
            scope.leave();
            if (!request.isAsync()) {
                finish(scope, request, response);
            } else if (!scope.awaitsAsync()) {
                scope.awaitAsync();
                request.getAsyncContextInternal()
                        .addListener(new EndOfAsync(scope, request, response));
            }
        }
    }

    /**
     * Tomcat has refused it while it read the head: path, method or host may be unknown, no filter or
     * servlet will see it, and the answer is decided. No context, so no deadline either.
     */
    private void refused(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    private @Nullable Exchange exchange(
            Request request, @Nullable NetpollSocketWrapper connection) {
        return connection == null
                ? StreamExchange.of(request.getCoyoteRequest())
                : new ConnectionExchange(
                        connection, contexts.settings(), "HEAD".equals(request.getMethod()));
    }

    private TomcatRequestContext open(Request request, @Nullable Exchange exchange) {
        if (exchange != null) {
            // Before anything can end it: a context may be born expired.
            exchange.gate().begin();
        }
        // Asked before the request counts as begun: it is the application's code, and may throw.
        Duration limit = contexts.settings().deadlines().limit(request);
        // The requests of one loop meet at one parent, and mostly on one processor.
        CancelScope root =
                contexts.root(
                        exchange == null ? Thread.currentThread().threadId() : exchange.loop());
        TomcatRequestContext scope =
                new TomcatRequestContext(
                        contexts, exchange, root, request.getMethod(), target(request), limit);
        scope.begin(request);
        return scope;
    }

    /** On other connectors the context is found by the request's attribute alone. */
    private static @Nullable TomcatRequestContext of(Request request) {
        return RequestContext.of(request) instanceof TomcatRequestContext ours ? ours : null;
    }

    private String target(Request request) {
        String path = withoutParameters(request.getRequestURI());
        String query = queryStrings ? request.getQueryString() : null;
        return query == null ? path : path + "?" + query;
    }

    /** Path parameters can be secrets, such as {@code ;jsessionid=…}. */
    private static String withoutParameters(String path) {
        return path.indexOf(';') < 0 ? path : path.replaceAll(";[^/]*", "");
    }

    private void finish(TomcatRequestContext scope, Request request, Response response) {
        if (scope.isOver()) {
            return;
        }
        if (scope.exchange() != null && hasMetItsLeaving(request)) {
            scope.cancel(new CancelCause.ClientDisconnected(How.RST, null));
        }
        CancelCause early = scope.end();
        try {
            if (early != null) {
                answerEarlyEnd(scope, early, request, response);
            }
        } finally {
            scope.countEnd(early);
            if (early == null) {
                // What Tomcat still holds of the response leaves after this; it was decided in
                // time.
                scope.closeGate();
            }
        }
    }

    /** A write of the handler's can find that the client is gone before the loop has said so. */
    private static boolean hasMetItsLeaving(Request request) {
        return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION)
                        instanceof ClientAbortException gone
                && !(gone.getCause() instanceof SocketTimeoutException);
    }

    private void answerEarlyEnd(
            TomcatRequestContext scope, CancelCause early, Request request, Response response) {
        if (early.origin() instanceof CancelCause.ClientDisconnected left) {
            answerLeaver(scope, left, early, request, response);
        } else if (response.isCommitted()) {
            abort(scope, request, response, contexts.settings().expiredStatus());
        } else {
            int status = contexts.settings().expiredStatus();
            answer(ProblemResponse.of(status, early), response);
        }
    }

    /** A client that has sent its FIN may still read; after an RST it does not. */
    private static void answerLeaver(
            TomcatRequestContext scope,
            CancelCause.ClientDisconnected left,
            CancelCause early,
            Request request,
            Response response) {
        boolean reads = left.how() == How.FIN;
        boolean failed = scope.isGivenUp() || hasFailed(request, response);
        if (!reads || (failed && response.isCommitted())) {
            abort(scope, request, response, ProblemResponse.CLIENT_CLOSED_REQUEST);
        } else if (failed) {
            int status = ProblemResponse.CLIENT_CLOSED_REQUEST;
            answer(ProblemResponse.of(status, early), response);
        }
    }

    /** A client's own error, such as a body that ends too soon, keeps its status. */
    private static boolean hasFailed(Request request, Response response) {
        return response.getStatus() >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR
                && request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null;
    }

    private static void answer(ProblemResponse problem, Response response) {
        try {
            response.setSuspended(false);
            response.reset();
            if (!HTTP_2.equals(response.getRequest().getProtocol())) {
                response.setHeader("Connection", "close"); // no field of HTTP/2's
            }
            problem.writeTo(response);
            // Out before the request counts as ended: a shutdown waits for no more than that.
            response.flushBuffer();
        } catch (IOException e) {
            LOG.debug("The client did not wait to be told that its request expired", e);
        }
    }

    /** Nothing more is written: a response that is not whole must not look whole. */
    private static void abort(
            TomcatRequestContext scope, Request request, Response response, int loggedStatus) {
        response.getCoyoteResponse().setStatus(loggedStatus);
        response.setSuspended(true);
        IOException why = new IOException("the request's context has ended");
        Exchange exchange = scope.exchange();
        if (exchange == null) {
            request.getCoyoteRequest().action(ActionCode.CLOSE_NOW, why);
        } else {
            exchange.abort(response, why);
        }
        // That is no error for an error page: after an asynchronous dispatch Tomcat would make one.
        response.resetError();
    }

    /** The request outlives its handler, and ends without a dispatch that would bring it back here. */
    private final class EndOfAsync implements CompletionListener {

        private final TomcatRequestContext scope;
        private final Request request;
        private final Response response;

        EndOfAsync(TomcatRequestContext scope, Request request, Response response) {
            this.scope = scope;
            this.request = request;
            this.response = response;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            // Within a dispatch the valve has it in hand.
            if (!scope.isEntered()) {
                finish(scope, request, response);
            }
        }
    }

    @Override
    public String toString() {
        return "ContextValve[" + contexts.active() + " active]";
    }
}
