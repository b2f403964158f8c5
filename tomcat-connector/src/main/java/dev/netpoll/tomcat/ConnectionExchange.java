// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** A request of HTTP/1.1, which has its connection to itself. */
final class ConnectionExchange implements Exchange {

    private final NetpollSocketWrapper connection;
    private final RequestSettings settings;
    private final boolean toHead;

    /** Set once, before anything can end the request. */
    private @Nullable PeerWatch peer;

    /**
     * @param toHead whether HEAD is asked for
     */
    ConnectionExchange(NetpollSocketWrapper connection, RequestSettings settings, boolean toHead) {
        this.connection = connection;
        this.settings = settings;
        this.toHead = toHead;
    }

    @Override
    public ResponseGate gate() {
        return connection.gate();
    }

    @Override
    public int loop() {
        return connection.getSocket().loop();
    }

    @Override
    public void begin(TomcatRequestContext request, Response response) {
        PeerWatch watch = new PeerWatch(request, connection, settings);
        peer = watch;
        watch.arm(response);
    }

    @Override
    public void callOff() {
        PeerWatch watch = peer;
        if (watch != null) {
            watch.callOff();
        }
    }

    @Override
    public boolean hasResponse() {
        PeerWatch watch = peer;
        return watch != null && watch.hasResponse();
    }

    @Override
    public void failReads() {
        connection.getSocket().setReadDeadline(NetpollConnection.EXPIRED);
    }

    @Override
    public boolean answer(ProblemResponse problem) {
        return connection.answer().sendAndCut(problem.onTheWire(toHead));
    }

    @Override
    public void answerLate(ProblemResponse problem) {
        answer(problem);
    }

    @Override
    public void abort(Response response, IOException why) {
        response.getCoyoteResponse().getRequest().action(ActionCode.CLOSE_NOW, why);
    }

    @Override
    public void failAsync(TomcatRequestContext request, IOException cause) {
        ConnectionProcessing processing = connection.processing();
        processing.fork(() -> processing.failAsync(request, cause));
    }

    @Override
    public long readWaited() {
        return connection.readWaited();
    }

    @Override
    public long writeWaited() {
        return connection.writeWaited();
    }

    @Override
    public @Nullable HandlerWait waitsFor() {
        return new HandlerWait.Finder(connection.getSocket().engine()).of(connection);
    }
}
