// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.ServerRequestObservationContext;

import java.util.List;

/**
 * The spans to which a cancellation is added as an event: the calling thread's current span, which is the
 * call's own where calls are observed, and the span of the request.
 *
 * @param tracer knows the former
 * @param observations knows the latter, as an ancestor of the thread's current observation
 */
record SpansUnderWay(Tracer tracer, ObservationRegistry observations) {

    /** Both, or the one there is, or none. */
    List<Span> now() {
        Span innermost = tracer.currentSpan();
        Span request = requestSpan();
        if (innermost == null) {
            return request == null ? List.of() : List.of(request);
        }
        return request == null || isSame(innermost, request)
                ? List.of(innermost)
                : List.of(innermost, request);
    }

    private @Nullable Span requestSpan() {
        ObservationView each = observations.getCurrentObservation();
        while (each != null
                && !(each.getContextView() instanceof ServerRequestObservationContext)) {
            each = each.getContextView().getParentObservation();
        }
        TracingContext tracing =
                each == null ? null : each.getContextView().get(TracingContext.class);
        return tracing == null ? null : tracing.getSpan();
    }

    private static boolean isSame(Span one, Span other) {
        return one.context().spanId().equals(other.context().spanId());
    }

    /** Tells {@link #now()}. */
    void event(String name) {
        event(now(), name);
    }

    static void event(List<Span> spans, String name) {
        for (Span span : spans) {
            span.event(name);
        }
    }
}
