// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.CarrierMode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * Finds out whether the engine and its connector can run in this JVM and under this Tomcat. Asked while the
 * web server is being made.
 */
public interface EngineProbe {

    /** Returns a probe that asks the engine about the JVM and examines the Tomcat on the class path. */
    static EngineProbe ofThisJvm() {
        return new SystemProbe(TomcatCompatibility.ofClasspath());
    }

    /** What keeps the engine or its connector from running here; null for nothing. */
    @Nullable Obstacle obstacle();

    /** Why the loops cannot carry virtual threads here, and what to do; null when they can. */
    @Nullable String obstacleToCarrying();

    /**
     * Holds the engine that connectors of these settings share, for what is there before them or after them.
     *
     * @param allSockets whether every {@link java.net.Socket} of the JVM is put on it that is made meanwhile;
     *     one line in the log says that they are, or why they cannot be
     * @return lets go of it; null where there will be no such connector
     * @throws IOException when the kernel refuses the engine its descriptors
     */
    default @Nullable AutoCloseable hold(int loops, CarrierMode carriers, boolean allSockets)
            throws IOException {
        boolean refused = carriers == CarrierMode.LOOP && obstacleToCarrying() != null;
        if (refused || obstacle() != null) {
            return null;
        }
        NetpollEngine engine = NetpollEngine.acquire(EngineConfig.of(loops, carriers));
        return allSockets ? AllSockets.on(engine) : engine::release;
    }
}
