// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.ContextRuntime;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the client of a request leaves, and cancels the request then.
 *
 * <pre>
 * armed   → cancelled   the connection was reset, or the client's FIN came after the request
 * armed   → waiting     the FIN came with the request (decision 11): the client may only have finished sending
 * waiting → asked       10 ms later: an interim response, which a client that is gone answers by a reset
 * any     → called off  the request is over
 * </pre>
 *
 * <p>Armed and called off on the handler's thread; {@link #run} is started by the loop, on a virtual thread
 * of its own, when the client has closed its side, and once more when the connection is dead.
 */
final class PeerWatch implements Dispatch {

    /** Longer than most handlers take: their clients see nothing of the question. */
    private static final long ASK_NANOS = 10_000_000;

    private final TomcatRequestContext request;
    private final NetpollSocketWrapper connection;
    private final RequestSettings settings;

    /** Written before the watch is armed; only whether it is closed is looked at, and that is volatile. */
    private @Nullable Response response;

    /** The client's FIN was there before the request began. Written before the watch is armed. */
    private boolean wasClosed;

    /** When the client is asked. Written by what sees its FIN; any thread calls it off. */
    private volatile ContextRuntime.@Nullable Timeout question;

    PeerWatch(
            TomcatRequestContext request,
            NetpollSocketWrapper connection,
            RequestSettings settings) {
        this.request = request;
        this.connection = connection;
        this.settings = settings;
    }

    void arm(Response answer) {
        NetpollConnection socket = connection.getSocket();
        response = answer;
        wasClosed = socket.peerClosed();
        switch (settings.peerClose()) {
            case FIN -> socket.whenPeerCloses(this);
            case RST -> socket.whenPeerResets(this);
            case IGNORE -> {}
        }
    }

    /** Whether the client has got the beginning of a response. Any thread. */
    boolean hasResponse() {
        Response answer = response;
        return answer != null && answer.isCommitted();
    }

    /** The request is over. */
    void callOff() {
        connection.getSocket().cancelWhenPeerCloses();
        callOffQuestion();
    }

    /** Mostly there is none; one that is set after this look finds the request over. */
    private void callOffQuestion() {
        ContextRuntime.Timeout set = question;
        if (set != null) {
            set.cancel();
        }
    }

    @Override
    public void run() {
        Response answer = response;
        // A client that leaves with the whole response in hand has not left its handler.
        if (answer == null || answer.isClosed() || request.isOver()) {
            return;
        }
        if (mayStillRead(connection.getSocket())) {
            askLater(answer);
        } else {
            connection.processing().nameThread("-disconnect-");
            request.cancel(connection.peerCause());
        }
    }

    /** The FIN was there before the request, or came with it; over TLS it was announced. */
    private boolean mayStillRead(NetpollConnection socket) {
        long window = settings.halfClose().toNanos();
        return !socket.peerReset()
                && window > 0
                && (wasClosed || socket.finAfterBytes() < window)
                && !connection.stream().endsUnannounced();
    }

    private void askLater(Response answer) {
        if (!answer.getCoyoteResponse().getRequest().protocol().equals("HTTP/1.1")) {
            return;
        }
        ContextRuntime runtime = ContextRuntime.system();
        question = runtime.schedule(runtime.nanoTime() + ASK_NANOS, () -> runtime.start(this::ask));
        if (request.isOver()) {
            callOffQuestion();
        }
    }

    private void ask() {
        if (!request.isOver()) {
            connection.answer().askWhetherRead();
        }
    }
}
