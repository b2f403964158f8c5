package dev.netpoll.autoconfigure;

import dev.netpoll.engine.NetpollEngine;

import org.jspecify.annotations.Nullable;

/** Asks the engine about the JVM it is in, and the connector's classes about the Tomcat. */
final class SystemProbe implements EngineProbe {

    private final TomcatFit tomcat;

    SystemProbe(TomcatFit tomcat) {
        this.tomcat = tomcat;
    }

    @Override
    public @Nullable Obstacle obstacle() {
        String engine = NetpollEngine.obstacle();
        return engine != null
                ? new Obstacle(engine, "The engine needs Linux and native access.")
                : tomcat.obstacle();
    }

    @Override
    public @Nullable String obstacleToCarrying() {
        return NetpollEngine.obstacleToCarrying();
    }
}
