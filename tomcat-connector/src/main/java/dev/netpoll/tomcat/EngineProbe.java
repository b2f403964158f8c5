// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

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
}
