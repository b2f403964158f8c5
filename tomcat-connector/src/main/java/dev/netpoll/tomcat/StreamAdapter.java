// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.RequestDispatcher;

import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Catalina's adapter for the streams of one HTTP/2 connection: each request gets its {@link StreamExchange}. */
final class StreamAdapter implements Adapter {

    private final Adapter catalina;
    private final Http2Streams streams;
    private final StopOfRequests stop;
    private final RequestMaker requests = new RequestMaker();

    StreamAdapter(Adapter catalina, Http2Streams streams) {
        this.catalina = catalina;
        this.streams = streams;
        this.stop = streams.connection().endpoint().requests();
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        int stream = Integer.parseInt(request.getProtocolRequestId());
        StreamExchange exchange = new StreamExchange(streams, stream, response);
        requests.prepare(request);
        exchange.attachTo(request);
        if (!begin(exchange)) {
            response.action(ActionCode.CLOSE_NOW, new IOException("The connector has stopped"));
            return;
        }
        try {
            catalina.service(request, response);
        } finally {
            end(exchange);
        }
        if (!is(ActionCode.ASYNC_IS_ASYNC, request)) {
            requests.replace(request);
        } else if (request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null) {
            completeAfterError(request);
        }
    }

    /**
     * An asynchronous request whose client has reset it while it started, and whose listeners have been told: Tomcat's
     * state machine knows no way on and throws, which would end the connection with all its streams.
     */
    private static void completeAfterError(Request request) {
        if (is(ActionCode.ASYNC_IS_COMPLETING, request)
                || is(ActionCode.ASYNC_IS_DISPATCHING, request)) {
            return;
        }
        try {
            request.action(ActionCode.ASYNC_POST_PROCESS, null);
        } catch (IllegalStateException failedWhileItStarted) {
            request.action(ActionCode.ASYNC_COMPLETE, null);
        }
    }

    private static boolean is(ActionCode question, Request request) {
        AtomicBoolean answer = new AtomicBoolean();
        request.action(question, answer);
        return answer.get();
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status)
            throws Exception {
        StreamExchange exchange = StreamExchange.of(request);
        var _ = begin(exchange); // also after a stop: its listeners are told
        try {
            return catalina.asyncDispatch(request, response, status);
        } finally {
            end(exchange);
        }
    }

    /** False, when the connector has stopped. */
    private boolean begin(@Nullable StreamExchange exchange) {
        if (exchange == null) {
            return true;
        }
        exchange.serving(Thread.currentThread());
        return stop.begin(exchange);
    }

    private void end(@Nullable StreamExchange exchange) {
        if (exchange != null) {
            exchange.serving(null);
            stop.end(exchange);
        }
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        return catalina.prepare(request, response);
    }

    @Override
    public void log(Request request, Response response, long time) {
        catalina.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
        catalina.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
        return catalina.getDomain();
    }
}
