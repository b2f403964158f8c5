// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry.ObservationConfig;

import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;

import java.util.List;

/** A group of handlers that leaves requests to ours, where these are observed on the short way. */
final class DecliningGroup implements ObservationHandlerGroup {

    private final ObservationHandlerGroup group;
    private final ObservationMode mode;

    DecliningGroup(ObservationHandlerGroup group, ObservationMode mode) {
        this.group = group;
        this.mode = mode;
    }

    @Override
    public boolean isMember(ObservationHandler<?> handler) {
        return group.isMember(handler);
    }

    @Override
    public void registerMembers(ObservationConfig config, List<ObservationHandler<?>> members) {
        boolean declines = mode.registerIn(config);
        group.registerMembers(declines ? new DecliningConfig(config) : config, members);
    }

    @Override
    public int compareTo(ObservationHandlerGroup other) {
        return group.compareTo(other instanceof DecliningGroup ours ? ours.group : other);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public Class<?> handlerType() {
        return group.handlerType();
    }

    /** Registers handlers that decline. */
    private static final class DecliningConfig extends ObservationConfig {

        private final ObservationConfig config;

        DecliningConfig(ObservationConfig config) {
            this.config = config;
        }

        @Override
        public ObservationConfig observationHandler(ObservationHandler<?> handler) {
            config.observationHandler(new DecliningHandler(handler));
            return this;
        }
    }
}
