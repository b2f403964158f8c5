// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

/** Tomcat's time-outs, as deadlines of the engine. */
final class Timeouts {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Timeouts() {}

    /** When {@code timeoutMillis} from now have passed, by the engine's ticker; none if not positive. */
    static long deadline(NetpollConnection connection, long timeoutMillis) {
        return timeoutMillis > 0
                ? connection.engine().ticker().nanoTime() + timeoutMillis * NANOS_PER_MILLI
                : NetpollConnection.NO_DEADLINE;
    }
}
