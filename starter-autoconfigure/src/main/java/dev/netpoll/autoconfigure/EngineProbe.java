// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.jspecify.annotations.Nullable;

/** Finds out what this JVM and this Tomcat allow. Asked while the web server is being made. */
interface EngineProbe {

    /** What keeps the engine or its connector from running here; null for nothing. */
    @Nullable Obstacle obstacle();

    /** Why the loops cannot carry virtual threads here, and what to do; null when they can. */
    @Nullable String obstacleToCarrying();
}
