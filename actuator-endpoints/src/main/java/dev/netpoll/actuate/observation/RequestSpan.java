// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.micrometer.tracing.otel.bridge.OtelTraceContext;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.ReadableSpan;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A request's span, which starts a trace, and the OpenTelemetry context in which it is current: the one that
 * Micrometer's bridge would make, in a single object. What few requests need is made when it is asked for.
 *
 * <p>Runs on the request's threads.
 */
final class RequestSpan implements RequestTrace, Context {

    private final RequestSpans traces;
    private final Span span;

    private @Nullable OtelTraceContext traceContext; // written once, under the lock

    /** The first scope, and who opened it: the request's thread, before another one knew of the observation. */
    private @Nullable Scope first;

    private @Nullable Thread opener;

    /** @param span one of the SDK's, or one that is not recorded */
    RequestSpan(RequestSpans traces, Span span) {
        this.traces = traces;
        this.span = span;
    }

    @Override
    public boolean isRecorded() {
        return span instanceof ReadableSpan;
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
    public void error(LazyRequestContext context) {
        Throwable error = context.getError();
        if (error != null) {
            error(error);
        }
    }

    private void error(Throwable error) {
        span.recordException(error);
        String message = error.getMessage();
        if (message == null) {
            span.setStatus(StatusCode.ERROR);
        } else {
            span.setStatus(StatusCode.ERROR, message);
        }
    }

    @Override
    public void event(Observation.Event event) {
        long timestamp = event.getWallTime();
        if (timestamp == 0) {
            span.addEvent(event.getContextualName());
        } else {
            span.addEvent(event.getContextualName(), timestamp, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void end(LazyRequestContext context) {
        if (!isRecorded()) {
            return;
        }
        for (KeyValue each : context.getAllKeyValues()) {
            if (each.getKey().equalsIgnoreCase("error")) {
                error(new RuntimeException(each.getValue()));
            } else {
                span.setAttribute(each.getKey(), each.getValue());
            }
        }
        String name = context.getContextualName();
        span.updateName(name == null ? Objects.requireNonNull(context.getName()) : name);
        span.end();
    }

    @Override
    public void within(Runnable task) {
        try (Scope _ = makeCurrent()) {
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
        return "RequestSpan[" + span.getSpanContext() + "]";
    }
}
