// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.tracing.CurrentTraceContext;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;

import org.jspecify.annotations.Nullable;

/**
 * The keys under which OpenTelemetry and Micrometer's bridge keep span, baggage and trace context in a {@link Context},
 * learned from what the bridge stores there.
 *
 * @param span the span's
 * @param baggage the baggage's
 * @param trace that of the bridge's own trace context
 */
record ContextKeys(ContextKey<Object> span, ContextKey<Object> baggage, ContextKey<Object> trace) {

    /** Opens and closes a scope on this thread; null when the bridge stores something else than it did. */
    @SuppressWarnings("MustBeClosedChecker")
    static @Nullable ContextKeys learn(OtelCurrentTraceContext current) {
        var recorder = new Recorder();
        Span probe =
                Span.wrap(
                        new UnsampledSpanContext(
                                UnsampledSpanContext.randomTraceId(),
                                UnsampledSpanContext.randomSpan()));
        try (CurrentTraceContext.Scope _ =
                current.newScope(new OtelSpan(probe, recorder).context())) {
            ContextKey<Object> span = recorder.span;
            ContextKey<Object> baggage = recorder.baggage;
            ContextKey<Object> trace = recorder.trace;
            return span == null || baggage == null || trace == null || recorder.other
                    ? null
                    : new ContextKeys(span, baggage, trace);
        }
    }

    /** A context that holds nothing and notes what it is told to hold. */
    private static final class Recorder implements Context {

        private @Nullable ContextKey<Object> span;
        private @Nullable ContextKey<Object> baggage;
        private @Nullable ContextKey<Object> trace;
        private boolean other;

        @Override
        public <V> @Nullable V get(ContextKey<V> key) {
            return null;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <V> Context with(ContextKey<V> key, V value) {
            var noted = (ContextKey<Object>) key;
            switch (value) {
                case Span _ -> span = noted;
                case Baggage _ -> baggage = noted;
                case TraceContext _ -> trace = noted;
                default -> other = true;
            }
            return this;
        }
    }
}
