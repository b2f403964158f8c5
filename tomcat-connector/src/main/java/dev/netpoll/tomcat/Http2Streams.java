// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelCause.ClientDisconnected;
import dev.netpoll.context.CancelCause.ClientDisconnected.How;
import dev.netpoll.web.ProblemResponse;

import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.net.SocketWrapperBase.BlockingMode;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The streams of one HTTP/2 connection that have requests with contexts: tells each of what ends it, and keeps the
 * order of what the connector sends for them. Any thread.
 */
final class Http2Streams {

    /** More resets than this are not kept for requests that are still to begin: Tomcat serves fewer streams at once. */
    private static final int RESETS_KEPT = 256;

    private final NetpollSocketWrapper connection;

    /** By their numbers. Guarded by this. */
    private final Map<Integer, StreamExchange> open = new HashMap<>();

    /** Numbers of streams that were reset while no request was open, the oldest overwritten. Guarded by this. */
    private int @Nullable [] resets;

    /** Guarded by this. */
    private int nextReset;

    /** Why the connection is gone. Guarded by this. */
    private @Nullable CancelCause gone;

    /** Of the connection; null with Tomcat's synchronous one. Set once. */
    private volatile @Nullable NetpollHttp2Handler handler;

    Http2Streams(NetpollSocketWrapper connection) {
        this.connection = connection;
    }

    NetpollSocketWrapper connection() {
        return connection;
    }

    void handledBy(NetpollHttp2Handler tomcats) {
        handler = tomcats;
    }

    // ---- the requests

    /** The stream's request has its context. Returns why it has no client any more; null for no reason. */
    synchronized @Nullable CancelCause begin(StreamExchange exchange) {
        open.put(exchange.id(), exchange);
        return gone == null && wasReset(exchange.id()) ? left(Http2Frames.CANCEL) : gone;
    }

    private boolean wasReset(int stream) {
        int[] kept = resets;
        return kept != null && Arrays.stream(kept).anyMatch(id -> id == stream);
    }

    synchronized void end(StreamExchange exchange) {
        open.remove(exchange.id(), exchange);
    }

    /** Requests under way, the oldest first. */
    synchronized List<TomcatRequestContext> requests() {
        List<TomcatRequestContext> requests = new ArrayList<>();
        open.values().stream()
                .sorted((a, b) -> Integer.compare(a.id(), b.id()))
                .map(StreamExchange::request)
                .forEach(
                        request -> {
                            if (request != null) {
                                requests.add(request);
                            }
                        });
        return requests;
    }

    /** The oldest request under way; null for none. */
    @Nullable TomcatRequestContext oldest() {
        List<TomcatRequestContext> requests = requests();
        return requests.isEmpty() ? null : requests.getFirst();
    }

    /** How many streams are open, with requests under way or to come. */
    int count() {
        NetpollHttp2Handler tomcats = handler;
        return tomcats == null ? requests().size() : tomcats.activeStreams();
    }

    // ---- what the client does

    /** RST_STREAM has come. On the connection's reader, before Tomcat sees it. */
    void resetByClient(int stream, long error) {
        StreamExchange exchange;
        synchronized (this) {
            exchange = open.get(stream);
            if (exchange == null) {
                keepReset(stream);
            }
        }
        if (exchange != null) {
            exchange.leave(left(error));
        }
    }

    private void keepReset(int stream) {
        int[] kept = resets;
        if (kept == null) {
            kept = new int[RESETS_KEPT];
            resets = kept;
        }
        kept[nextReset] = stream;
        nextReset = (nextReset + 1) % RESETS_KEPT;
    }

    private static ClientDisconnected left(long error) {
        return new ClientDisconnected(How.RST, "RST_STREAM " + Http2Frames.nameOf(error));
    }

    /** GOAWAY has come, after which Tomcat closes the connection. */
    void goneAway(long error) {
        gone(new ClientDisconnected(How.RST, "GOAWAY " + Http2Frames.nameOf(error)));
    }

    /** The connection closes, whoever closes it: none of its requests can be answered. */
    void closed(boolean serverRuns) {
        if (connection.getSocket().peerReset()) {
            gone(connection.peerCause());
        } else if (serverRuns) {
            gone(new ClientDisconnected(How.ERROR, "connection closed"));
        } else {
            gone(new CancelCause.ServerShuttingDown());
        }
    }

    private void gone(CancelCause cause) {
        List<StreamExchange> left;
        synchronized (this) {
            if (gone == null) {
                gone = cause;
            }
            left = List.copyOf(open.values());
        }
        left.forEach(exchange -> exchange.leave(cause));
    }

    // ---- what the connector sends

    /** Whether streams can be ended from here: not with Tomcat's synchronous handler. */
    boolean canEnd() {
        return handler != null;
    }

    /** Has Tomcat take {@code stream} for one that its client has reset. */
    void reset(int stream) {
        NetpollHttp2Handler tomcats = handler;
        if (tomcats != null) {
            tomcats.end(stream);
        }
    }

    /**
     * A response in the handler's stead, of which nothing has left, and that nothing more is wanted of the request. It has
     * a body where the windows of the flow control have room for it.
     */
    byte[] refusal(int stream, ProblemResponse problem, boolean toHead) {
        NetpollHttp2Handler tomcats = handler;
        boolean room =
                !toHead && tomcats != null && tomcats.takeWindow(stream, problem.body().length);
        return Http2Frames.refusal(stream, problem, room, toHead);
    }

    /** Sends whole frames behind those that are being sent. May wait for room. */
    void send(byte[] frames) {
        var _ =
                connection.write(
                        BlockingMode.BLOCK,
                        connection.getWriteTimeout(),
                        TimeUnit.MILLISECONDS,
                        null,
                        SocketWrapperBase.COMPLETE_WRITE,
                        null,
                        ByteBuffer.wrap(frames));
    }

    /** What has to leave before the frame whose head this is; null for nothing. As the only writer. */
    byte @Nullable [] before(ByteBuffer head) {
        int stream = Http2Frames.streamOfHeaders(head);
        StreamExchange exchange = stream == 0 ? null : find(stream);
        return exchange == null ? null : exchange.beforeHead();
    }

    private synchronized @Nullable StreamExchange find(int stream) {
        return open.get(stream);
    }
}
