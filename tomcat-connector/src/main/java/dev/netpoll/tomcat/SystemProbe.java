// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollEngine;

import org.jspecify.annotations.Nullable;

/** Asks the engine about the JVM it is in, and the connector's classes about the Tomcat. */
final class SystemProbe implements EngineProbe {

    private final TomcatCompatibility tomcat;

    SystemProbe(TomcatCompatibility tomcat) {
        this.tomcat = tomcat;
    }

    @Override
    public @Nullable Obstacle obstacle() {
        String engine = NetpollEngine.obstacle();
        if (engine != null) {
            return new Obstacle(engine, "The engine needs Linux and native access.");
        }
        String problem = tomcat.problem();
        return problem == null
                ? null
                : new Obstacle(
                        problem, TomcatCompatibility.tested() + ": use that, or a newer netpoll.");
    }

    @Override
    public @Nullable String obstacleToCarrying() {
        return NetpollEngine.obstacleToCarrying();
    }
}
