// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.tracing.CurrentTraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.micrometer.tracing.otel.bridge.OtelTraceContext;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;

import org.jspecify.annotations.Nullable;

/**
 * A span that is not recorded, and the OpenTelemetry context in which it is current: the one that Micrometer's bridge
 * would make, in a single object. What few requests need is made when it is asked for.
 *
 * <p>Runs on the request's threads.
 */
final class UnsampledTrace implements RequestTrace, Context {

    private final UnsampledTraces traces;
    private final Span span;

    private @Nullable OtelTraceContext traceContext; // written once, under the lock

    /** The first scope, and who opened it: the request's thread, before another one knew of the observation. */
    private @Nullable Scope first;

    private @Nullable Thread opener;

    UnsampledTrace(UnsampledTraces traces, UnsampledSpanContext context) {
        this.traces = traces;
        this.span = Span.wrap(context);
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker")
    public void open(LazyRequestContext context) {
        if (opener == null && !traces.mayBeBaggage(context)) {
            opener = Thread.currentThread();
            first = makeCurrent();
        } else {
            traces.scopes().onScopeOpened(context);
        }
    }

    @Override
    public void close(LazyRequestContext context) {
        if (hasLaterScope(context)) {
            traces.scopes().onScopeClosed(context);
        } else {
            closeFirst();
        }
    }

    @Override
    @SuppressWarnings("deprecation") // as long as Micrometer calls it
    public void reset(LazyRequestContext context) {
        traces.scopes().onScopeReset(context);
        closeFirst();
    }

    /** Of this thread. */
    private static boolean hasLaterScope(LazyRequestContext context) {
        return context.storedTrace(TracingContext.class) instanceof TracingContext tracing
                && tracing.getScope() != null;
    }

    private void closeFirst() {
        Scope scope = first;
        if (scope != null && opener == Thread.currentThread()) {
            first = null;
            scope.close();
        }
    }

    @Override
    public void within(Runnable task) {
        try (CurrentTraceContext.Scope _ = traces.current().maybeScope(traceContext())) {
            task.run();
        }
    }

    @Override
    public boolean isKey(Object key) {
        return key == TracingContext.class;
    }

    @Override
    public Object value() {
        var tracing = new TracingContext();
        tracing.setSpan(new OtelSpan(traceContext()));
        return tracing;
    }

    private synchronized OtelTraceContext traceContext() {
        OtelTraceContext there = traceContext;
        if (there == null) {
            there = new OtelSpan(span, this).context();
            traceContext = there;
        }
        return there;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V> @Nullable V get(ContextKey<V> key) {
        ContextKeys keys = traces.keys();
        if (key == keys.span()) {
            return (V) span;
        }
        if (key == keys.baggage()) {
            return (V) Baggage.empty();
        }
        return key == keys.trace() ? (V) traceContext() : null;
    }

    @Override
    public <V> Context with(ContextKey<V> key, V value) {
        ContextKeys keys = traces.keys();
        return Context.root()
                .with(keys.span(), span)
                .with(keys.baggage(), Baggage.empty())
                .with(keys.trace(), traceContext())
                .with(key, value);
    }

    @Override
    public String toString() {
        return "UnsampledTrace[" + span.getSpanContext() + "]";
    }
}
