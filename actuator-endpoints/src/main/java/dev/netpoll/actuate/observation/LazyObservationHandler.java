// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

/** Does for a {@link LazyRequestContext} what Micrometer's handlers for meters and traces do for others. */
final class LazyObservationHandler implements ObservationHandler<LazyRequestContext> {

    private final MeterRegistry registry;
    private final RequestTimers timers;
    private final boolean traceAroundTimer;

    /** @param traceAroundTimer whether something may want the ids of unsampled spans beside a timer's values */
    LazyObservationHandler(MeterRegistry registry, RequestTimers timers, boolean traceAroundTimer) {
        this.registry = registry;
        this.timers = timers;
        this.traceAroundTimer = traceAroundTimer;
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof LazyRequestContext;
    }

    @Override
    public void onStart(LazyRequestContext context) {
        timers.start(context);
    }

    @Override
    public void onScopeOpened(LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null) {
            trace.open(context);
        }
    }

    @Override
    public void onScopeClosed(LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null) {
            trace.close(context);
        }
    }

    @Override
    @SuppressWarnings("deprecation") // as long as Micrometer calls it
    public void onScopeReset(LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null) {
            trace.reset(context);
        }
    }

    @Override
    public void onError(LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null) {
            trace.error(context);
        }
    }

    @Override
    public void onEvent(Observation.Event event, LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null) {
            trace.event(event);
        }
        Counter.builder(context.getName() + "." + event.getName())
                .tags(RequestTimers.lowCardinality(context))
                .register(registry)
                .increment();
    }

    @Override
    public void onStop(LazyRequestContext context) {
        RequestTrace trace = context.trace();
        if (trace != null && (traceAroundTimer || trace.isRecorded())) {
            trace.within(() -> timers.stop(context));
        } else {
            timers.stop(context);
        }
        if (trace != null) {
            trace.end(context);
        }
    }
}
