// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollSocketFactory;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

/**
 * The use of an engine for all sockets of the JVM, with the engine that is held for them. Made and closed by the
 * thread that starts and stops the application.
 */
final class AllSockets implements AutoCloseable {

    private static final Log LOG = LogFactory.getLog(AllSockets.class);

    private final AutoCloseable use;
    private final NetpollEngine engine;

    private AllSockets(AutoCloseable use, NetpollEngine engine) {
        this.use = use;
        this.engine = engine;
    }

    /** Takes over the hold on {@code engine}, also where the JVM does not allow the rest. */
    static AutoCloseable on(NetpollEngine engine) {
        try {
            AutoCloseable use = NetpollSocketFactory.useForAllSockets();
            LOG.info(
                    "Every java.net.Socket that this JVM makes from now on is on netpoll's loops"
                            + " (netpoll.outbound=all)");
            return new AllSockets(use, engine);
        } catch (UnsupportedOperationException e) {
            LOG.warn(
                    "netpoll.outbound=all has no effect beyond that of 'drivers', because "
                            + e.getMessage());
            return engine::release;
        }
    }

    @Override
    public void close() throws Exception {
        use.close();
        engine.release();
    }
}
