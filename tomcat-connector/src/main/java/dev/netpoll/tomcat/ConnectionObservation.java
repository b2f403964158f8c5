// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;

import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * What is seen of one connection: when it began, which of its deadlines passed, what ends it; counted for the
 * meters and, where an operator asks for it, told to the log. Nothing of how the connection is served
 * depends on it.
 *
 * <p>On the connection's threads, except for the methods that say otherwise.
 */
final class ConnectionObservation implements ReadSide.Observer, WriteQueue.Observer {

    private final NetpollSocketWrapper connection;
    private final NetpollTomcatEndpoint endpoint;
    private final long openedAt;

    /** An operator has named it for {@link ConnectionTrace}. Any thread. */
    private volatile boolean named;

    /** All connections are traced, as of the last look. Written by the connection's threads; any reads. */
    private volatile boolean traced;

    /** Who ends the connection, where that is known before it ends. Any thread. */
    private volatile @Nullable ClosedBy closedBy;

    ConnectionObservation(
            NetpollSocketWrapper connection, NetpollTomcatEndpoint endpoint, long openedAt) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.openedAt = openedAt;
    }

    /** When the connection was accepted, by the engine's ticker. Any thread. */
    long openedAt() {
        return openedAt;
    }

    /** Has changes of state logged, or no longer. Any thread. */
    void name(boolean wanted) {
        named = wanted;
    }

    boolean isNamed() {
        return named;
    }

    // ---- what happens ---------------------------------------------------------------------------

    void accepted() {
        lookAtTrace();
        if (isTraced()) {
            ConnectionTrace.accepted(connection);
        }
    }

    /** A thread processes {@code event}; {@code request} is the request's number, or 0 for an earlier one. */
    void serves(SocketEvent event, int request) {
        lookAtTrace();
        if (isTraced()) {
            ConnectionTrace.serves(connection, event, request);
        }
    }

    /** The thread that processed an event has left the connection. */
    void rests() {
        if (isTraced()) {
            ConnectionTrace.rests(connection);
        }
    }

    /** The connection waits for bytes without a thread. */
    void armed(long timeoutMillis) {
        if (isTraced()) {
            ConnectionTrace.armed(connection, timeoutMillis);
        }
    }

    @Override
    public void readWaits(long timeoutMillis) {
        if (isTraced()) {
            ConnectionTrace.waits(connection, ConnectionState.READING, timeoutMillis);
        }
    }

    @Override
    public void writeWaits(long timeoutMillis) {
        if (isTraced()) {
            ConnectionTrace.waits(connection, ConnectionState.WRITING, timeoutMillis);
        }
    }

    @Override
    public void readExpired() {
        expired(DeadlineKind.READ);
    }

    @Override
    public void writeExpired() {
        expired(DeadlineKind.WRITE);
    }

    /** A deadline of the connection's own has passed. The request's deadline is counted elsewhere. */
    void expired(DeadlineKind kind) {
        TomcatRequestContext request = connection.request();
        if (request == null || !request.context().isCancelled()) {
            closedBy = ClosedBy.DEADLINE;
            endpoint.counters().expired(kind);
            if (isTraced()) {
                ConnectionTrace.tell(connection, "deadline passed: " + kind.tag());
            }
        }
    }

    @Override
    public void peerIsGone() {
        if (closedBy == null) {
            closedBy = ClosedBy.PEER;
        }
        if (isTraced()) {
            ConnectionTrace.tell(connection, "the peer is gone");
        }
    }

    /** An operator ends the connection. Any thread. */
    void closesByOperator() {
        closedBy = ClosedBy.OPERATOR;
    }

    /** The connection ends for want of a PROXY header. */
    void closesByProxy() {
        closedBy = ClosedBy.PROXY;
    }

    /** The connection is closed. Once, on whatever thread closes it. */
    void closes() {
        ClosedBy by = closedBy();
        endpoint.counters().closed(by);
        if (isTraced()) {
            ConnectionTrace.tell(connection, "closed by " + by.tag());
        }
    }

    private ClosedBy closedBy() {
        ClosedBy known = closedBy;
        if (known != null) {
            return known;
        }
        TomcatRequestContext request = connection.request();
        CancelCause cause = request == null ? null : request.context().cause();
        if (cause != null && cause.isDeadline()) {
            return ClosedBy.DEADLINE;
        }
        if (connection.getSocket().peerClosed()) {
            return ClosedBy.PEER;
        }
        return endpoint.isRunning() ? ClosedBy.SERVER : ClosedBy.SHUTDOWN;
    }

    private boolean isTraced() {
        return named || traced;
    }

    private void lookAtTrace() {
        boolean wanted = ConnectionTrace.isOfEveryone();
        if (traced != wanted) {
            traced = wanted;
        }
    }
}
