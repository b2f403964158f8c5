// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;

import org.apache.coyote.Processor;
import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLSession;

/**
 * A connector's connections, listed for observers and operators while they are served; none is held up.
 */
final class ConnectionList {

    private final Collection<NetpollSocketWrapper> connections;
    private final HandlerWait.Finder waits;
    private final long now;

    /**
     * @param engine of the connections; null for none
     */
    ConnectionList(Collection<NetpollSocketWrapper> connections, @Nullable NetpollEngine engine) {
        this.connections = connections;
        this.waits = new HandlerWait.Finder(engine);
        this.now = engine == null ? 0 : engine.ticker().nanoTime();
    }

    /** Those in {@code state}, or all for null: at most {@code limit}, the oldest first. */
    List<ConnectionSnapshot> list(@Nullable ConnectionState state, int limit) {
        return connections.stream()
                .filter(connection -> state == null || stateOf(connection) == state)
                .sorted(Comparator.comparingLong(each -> each.observation().openedAt()))
                .limit(limit)
                .map(this::describe)
                .toList();
    }

    Optional<NetpollSocketWrapper> find(String id) {
        return connections.stream().filter(connection -> idOf(connection).equals(id)).findAny();
    }

    static ConnectionState stateOf(NetpollSocketWrapper wrapper) {
        if (wrapper.processing().isServing()) {
            NetpollConnection.Waiting waiting = wrapper.getSocket().waiting();
            return switch (waiting == null ? null : waiting.kind()) {
                case READ -> ConnectionState.READING;
                case WRITE -> ConnectionState.WRITING;
                case IDLE -> ConnectionState.SERVING;
                case null -> ConnectionState.SERVING;
            };
        }
        return restingState(wrapper);
    }

    /** What it is at when no thread of the connector is. */
    static ConnectionState restingState(NetpollSocketWrapper wrapper) {
        Http2Streams streams = wrapper.streams();
        if (streams != null) {
            return streams.count() > 0 ? ConnectionState.SERVING : ConnectionState.IDLE;
        }
        return switch (wrapper.getCurrentProcessor()) {
            case Processor upgraded when upgraded.isUpgrade() -> ConnectionState.UPGRADED;
            case Processor async when async.isAsync() -> ConnectionState.ASYNC;
            case Processor _ -> ConnectionState.HEADER;
            case null, default -> ConnectionState.IDLE;
        };
    }

    private ConnectionSnapshot describe(NetpollSocketWrapper wrapper) {
        NetpollConnection connection = wrapper.getSocket();
        Http2Streams streams = wrapper.streams();
        TomcatRequestContext request = streams == null ? wrapper.request() : streams.oldest();
        CancelContext context = request == null ? null : request.context();
        HandlerWait waiting = waitOf(wrapper, request);
        Deadline deadline = context == null ? null : context.deadline();
        return new ConnectionSnapshot(
                idOf(wrapper),
                connection.fd(),
                connection.loop(),
                stateOf(wrapper),
                since(wrapper.observation().openedAt()),
                connection.received(),
                connection.sent(),
                remote(wrapper),
                agreed(wrapper),
                streams == null ? null : wrapper.tls() == null ? "h2c" : "h2",
                streams == null ? null : streams.count(),
                request == null ? null : request.label(),
                deadline == null ? null : deadline.remaining(),
                context == null ? null : context.cause(),
                waiting == null ? null : waiting.what(),
                waiting == null || waiting.since() == 0 ? Duration.ZERO : since(waiting.since()));
    }

    private @Nullable HandlerWait waitOf(
            NetpollSocketWrapper wrapper, @Nullable TomcatRequestContext request) {
        if (request == null || !(request.exchange() instanceof StreamExchange stream)) {
            return waits.of(wrapper);
        }
        Thread thread = stream.thread();
        return thread == null ? null : waits.of(thread);
    }

    private static @Nullable String agreed(NetpollSocketWrapper wrapper) {
        TlsStream tls = wrapper.tls();
        SSLSession session = tls == null ? null : tls.session();
        return session == null
                ? null
                : TlsEngines.version(session) + " " + session.getCipherSuite();
    }

    private Duration since(long then) {
        return Duration.ofNanos(Math.max(now - then, 0));
    }

    /** As the processor asks for it: the wrapper keeps what the first caller was given. */
    static String idOf(NetpollSocketWrapper wrapper) {
        return wrapper.getServletConnection("http/1.1", "").getConnectionId();
    }

    static @Nullable String remote(NetpollSocketWrapper wrapper) {
        return switch (wrapper.remote()) {
            case InetSocketAddress inet ->
                    inet.getAddress().getHostAddress() + ":" + inet.getPort();
            case null -> null;
            default -> "unix";
        };
    }
}
