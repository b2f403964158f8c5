// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.SocketEvent;

/**
 * Tells every change of a connection's state in the log category {@value #CATEGORY}: of all connections
 * while the category is at TRACE, of single ones that an operator named, at INFO.
 *
 * <p>While neither is asked for, a request costs one look at the category's level. From any thread.
 */
final class ConnectionTrace {

    static final String CATEGORY = "dev.netpoll.connection";

    private static final Log LOG = LogFactory.getLog(CATEGORY);

    private ConnectionTrace() {}

    static boolean isOfEveryone() {
        return LOG.isTraceEnabled();
    }

    static void accepted(NetpollSocketWrapper connection) {
        NetpollConnection socket = connection.getSocket();
        String from = ConnectionList.remote(connection);
        tell(
                connection,
                "accepted from %s, fd %d, loop %d".formatted(from, socket.fd(), socket.loop()));
    }

    /** A thread processes {@code event}; {@code request} is its number, or 0 for an earlier one. */
    static void serves(NetpollSocketWrapper connection, SocketEvent event, int request) {
        tell(connection, "serving: " + event + (request > 0 ? ", request " + request : ""));
    }

    /** Its thread has left it; what it is now depends on what the next bytes will be. */
    static void rests(NetpollSocketWrapper connection) {
        tell(connection, "left: " + ConnectionList.restingState(connection).tag());
    }

    /** It is to wait for bytes without a thread. */
    static void armed(NetpollSocketWrapper connection, long timeoutMillis) {
        tell(connection, "armed, " + within(timeoutMillis));
    }

    /** A thread is to wait. */
    static void waits(NetpollSocketWrapper connection, ConnectionState state, long timeoutMillis) {
        tell(connection, state.tag() + ": its thread waits " + within(timeoutMillis));
    }

    private static String within(long timeoutMillis) {
        return timeoutMillis > 0 ? "for " + timeoutMillis + " ms at most" : "without a deadline";
    }

    static void tell(NetpollSocketWrapper connection, String what) {
        String line = "connection " + ConnectionList.idOf(connection) + " " + what;
        if (connection.observation().isNamed()) {
            LOG.info(line);
        } else {
            LOG.trace(line);
        }
    }
}
