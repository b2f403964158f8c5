// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What code sees of the observation, the span and the log's MDC around it; ids by what they are equal to. */
@Component
class Sight {

    private final ObservationRegistry registry;
    private final Tracer tracer;
    private final Propagator propagator;

    Sight(ObservationRegistry registry, Tracer tracer, Propagator propagator) {
        this.registry = registry;
        this.tracer = tracer;
        this.propagator = propagator;
    }

    String of(HttpServletRequest request) {
        Observation current = registry.getCurrentObservation();
        boolean found =
                current != null
                        && ServerHttpObservationFilter.findObservationContext(request).orElse(null)
                                == current.getContext();
        return "found=" + found + " " + ofNothing() + " " + ofChild();
    }

    /** Of this thread as it is. */
    String ofNothing() {
        Observation current = registry.getCurrentObservation();
        String name = current == null ? "none" : current.getContext().getName();
        return "[observation=%s registry=%s span=%s]"
                .formatted(
                        name,
                        current != null && current.getObservationRegistry() == registry,
                        span(tracer.currentSpan()));
    }

    private String span(@Nullable Span span) {
        if (span == null) {
            return "none mdc=" + MDC.get("traceId") + "/" + MDC.get("spanId");
        }
        TraceContext context = span.context();
        Map<String, String> sent = new TreeMap<>();
        propagator.inject(context, sent, (map, key, value) -> map.put(key, flags(value)));
        return "%d/%d mdc=%s/%s sampled=%s noop=%s parent=%s sent=%s baggage=%s otel=%s"
                .formatted(
                        context.traceId().length(),
                        context.spanId().length(),
                        Objects.equals(MDC.get("traceId"), context.traceId()),
                        Objects.equals(MDC.get("spanId"), context.spanId()),
                        context.sampled(),
                        span.isNoop(),
                        context.parentId() != null,
                        sent,
                        new TreeMap<>(tracer.getAllBaggage()),
                        io.opentelemetry.api.trace.Span.current()
                                .getSpanContext()
                                .getSpanId()
                                .equals(context.spanId()));
    }

    /** Without the ids. */
    private static String flags(String traceparent) {
        return traceparent.replaceAll("[0-9a-f]{16,}", "*");
    }

    /** Of a child's observation and span, beside its parent's. */
    String ofChild() {
        Span parent = tracer.currentSpan();
        Observation above = registry.getCurrentObservation();
        return Objects.requireNonNull(
                Observation.createNotStarted("watched.child", registry)
                        .observe(
                                () -> {
                                    Observation child =
                                            Objects.requireNonNull(
                                                    registry.getCurrentObservation());
                                    boolean below =
                                            child.getContext().getParentObservation() == above;
                                    return "(below=" + below + " " + beside(parent) + ")";
                                }));
    }

    private String beside(@Nullable Span parent) {
        Span child = tracer.currentSpan();
        if (child == null || parent == null) {
            return "parent=" + (parent != null) + " child=" + span(child);
        }
        TraceContext context = child.context();
        return "sameTrace=%s sameSpan=%s child=%s"
                .formatted(
                        context.traceId().equals(parent.context().traceId()),
                        context.spanId().equals(parent.context().spanId()),
                        span(child));
    }
}
