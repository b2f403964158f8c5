// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.RequestDispatcher;

import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tomcat's processor, which lets its connection see whether the response is over, and whose requests are
 * {@link NetpollRequest}s from the second on.
 */
final class NetpollHttp11Processor extends Http11Processor {

    NetpollHttp11Processor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
        super(protocol, new SettlingAdapter(adapter));
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
        if (connection instanceof NetpollSocketWrapper wrapper) {
            wrapper.processing().answeredBy(this);
        }
        SocketState state = super.service(connection);
        if (state == SocketState.CLOSED && isAsync()) {
            endAsync();
        }
        if (state == SocketState.OPEN || state == SocketState.CLOSED) {
            useOwnRequest();
        }
        return state;
    }

    /**
     * Ends an asynchronous request that its handler has started after an error, for which Tomcat now closes the
     * connection: it would forget the request, and the application would count it in progress for good.
     */
    private void endAsync() throws IOException {
        var _ = asyncPostProcess();
        if (isAsync()
                && getRequest().getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request) {
            Object cause = getRequest().getAttribute(RequestDispatcher.ERROR_EXCEPTION);
            request.getAsyncContextInternal()
                    .setErrorState(cause instanceof Throwable thrown ? thrown : null, true);
            var _ = asyncPostProcess();
        }
    }

    /**
     * Takes an asynchronous request on to its next state. Tomcat's state machine knows none after an error while the
     * request started, when its listeners have been told of that, and throws: here the request completes.
     */
    @Override
    public SocketState asyncPostProcess() throws IOException {
        try {
            return super.asyncPostProcess();
        } catch (IllegalStateException failedWhileItStarted) {
            action(ActionCode.ASYNC_COMPLETE, null);
            return super.asyncPostProcess();
        }
    }

    /**
     * Sends what is left before an asynchronous request completes. Tomcat's own drops the completion with the
     * exception when the client is gone just then: no listener is told, and the application counts a request in
     * progress for good. Here a client that takes nothing more does not keep its request from completing.
     */
    @Override
    protected boolean flushBufferedWrite() throws IOException {
        try {
            return super.flushBufferedWrite();
        } catch (IOException e) {
            if (!isAsyncEnding()) {
                throw e;
            }
            getSocketWrapper().setError(e);
            return false;
        }
    }

    private boolean isAsyncEnding() {
        AtomicBoolean ending = new AtomicBoolean();
        action(ActionCode.ASYNC_IS_COMPLETING, ending);
        if (!ending.get()) {
            action(ActionCode.ASYNC_IS_DISPATCHING, ending);
        }
        return ending.get();
    }

    /**
     * Between two requests: what Catalina made for the first is replaced for all that follow. A connector
     * that makes requests of its own keeps them.
     */
    private void useOwnRequest() {
        org.apache.coyote.Request coyote = getRequest();
        if (coyote.getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request made
                && made.getClass() == Request.class) {
            Request request = new NetpollRequest(made.getConnector(), coyote);
            Response response = made.getConnector().createResponse(coyote.getResponse());
            request.setResponse(response);
            response.setRequest(request);
            coyote.setNote(CoyoteAdapter.ADAPTER_NOTES, request);
            coyote.getResponse().setNote(CoyoteAdapter.ADAPTER_NOTES, response);
        }
    }

    /**
     * Whether the handler, or Catalina in its stead, has closed the response: what is flushed now is
     * its end. False, too, for what is answered before Catalina has a request.
     */
    boolean isResponseClosed() {
        return getRequest().getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request
                && request.getResponse().isClosed();
    }
}
