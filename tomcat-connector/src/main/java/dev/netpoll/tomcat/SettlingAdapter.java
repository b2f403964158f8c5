// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;

import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * Catalina's adapter, which serves a request only when nothing is left of the one before it: its response
 * has left the connection, and no interrupt of its handler's waits for the next.
 *
 * <p>A response's end may be left to the loop ({@link WriteQueue#flushLast}), and the next request may be
 * here already, pipelined. Runs on the connection's virtual thread.
 */
final class SettlingAdapter implements Adapter {

    private final Adapter catalina;
    private final RequestMaker requests;

    SettlingAdapter(Adapter catalina, RequestMaker requests) {
        this.catalina = catalina;
        this.requests = requests;
    }

    /** What it stands before. */
    Adapter catalina() {
        return catalina;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        var _ = Thread.interrupted(); // it was meant for the request before
        NetpollSocketWrapper connection = ConnectionProcessing.current();
        HeadBuffer head = connection == null ? null : connection.processing().head();
        if (connection == null || head == null) {
            requests.prepare(request);
            catalina.service(request, response);
            return;
        }
        settle(connection);
        requests.prepare(request);
        head.inBody(true);
        try {
            catalina.service(request, response);
        } finally {
            head.inBody(false);
        }
    }

    /** The processor takes an interrupted I/O, and nothing else, for a connection to end quietly. */
    private static void settle(NetpollSocketWrapper connection) throws InterruptedIOException {
        try {
            connection.settle();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            InterruptedIOException gone =
                    new InterruptedIOException("the client did not take the response before");
            gone.initCause(e);
            throw gone;
        }
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        return catalina.prepare(request, response);
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status)
            throws Exception {
        return catalina.asyncDispatch(request, response, status);
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
