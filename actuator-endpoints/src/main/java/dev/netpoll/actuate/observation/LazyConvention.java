// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.common.KeyValues;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;

/** Stands for a convention whose values depend on request, response, route and error alone; names none until asked. */
final class LazyConvention implements ServerRequestObservationConvention {

    private final ServerRequestObservationConvention convention;

    LazyConvention(ServerRequestObservationConvention convention) {
        this.convention = convention;
    }

    @Override
    public @Nullable String getName() {
        return convention.getName();
    }

    @Override
    public @Nullable String getContextualName(ServerRequestObservationContext context) {
        return context instanceof LazyRequestContext ? null : convention.getContextualName(context);
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ServerRequestObservationContext context) {
        if (context instanceof LazyRequestContext lazy) {
            lazy.conventionAsked();
            return KeyValues.empty();
        }
        return convention.getLowCardinalityKeyValues(context);
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ServerRequestObservationContext context) {
        return context instanceof LazyRequestContext
                ? KeyValues.empty()
                : convention.getHighCardinalityKeyValues(context);
    }
}
