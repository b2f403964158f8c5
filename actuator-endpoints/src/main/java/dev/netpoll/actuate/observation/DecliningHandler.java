// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

/** Leaves the observations with a {@link LazyRequestContext} to {@link LazyObservationHandler}. */
final class DecliningHandler implements ObservationHandler<Observation.Context> {

    private final ObservationHandler<Observation.Context> handler;

    @SuppressWarnings("unchecked") // which contexts it takes is its own to say
    DecliningHandler(ObservationHandler<?> handler) {
        this.handler = (ObservationHandler<Observation.Context>) handler;
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return !(context instanceof LazyRequestContext) && handler.supportsContext(context);
    }

    @Override
    public void onStart(Observation.Context context) {
        handler.onStart(context);
    }

    @Override
    public void onError(Observation.Context context) {
        handler.onError(context);
    }

    @Override
    public void onEvent(Observation.Event event, Observation.Context context) {
        handler.onEvent(event, context);
    }

    @Override
    public void onScopeOpened(Observation.Context context) {
        handler.onScopeOpened(context);
    }

    @Override
    public void onScopeClosed(Observation.Context context) {
        handler.onScopeClosed(context);
    }

    @Override
    @SuppressWarnings("deprecation") // as long as Micrometer calls it
    public void onScopeReset(Observation.Context context) {
        handler.onScopeReset(context);
    }

    @Override
    public void onStop(Observation.Context context) {
        handler.onStop(context);
    }

    @Override
    public String toString() {
        return "DecliningHandler[" + handler + "]";
    }
}
