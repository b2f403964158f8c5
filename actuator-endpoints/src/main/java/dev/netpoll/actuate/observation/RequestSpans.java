// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Begins the traces of requests that bring none along. The SDK's sampler is asked first: only for a trace that it accepts
 * a span is made by the SDK, which gets the id that the sampler has seen, and takes the same decision again.
 */
final class RequestSpans implements TraceStarts {

    /** What the SDK calls a span whose name comes later. */
    private static final String UNNAMED = "<unspecified span name>";

    /** The keys of both conventions: Micrometer makes baggage of a field that is called as one of these. */
    private static final Set<String> CONVENTIONS =
            Set.of(
                    "error.type",
                    "exception",
                    "http.request.method",
                    "http.request.method_original",
                    "http.response.status_code",
                    "http.route",
                    "http.url",
                    "method",
                    "outcome",
                    "status",
                    "uri",
                    "url.path",
                    "url.scheme");

    private final Sampler sampler;
    private final TraceIds ids;
    private final Tracer tracer;
    private final io.opentelemetry.api.trace.Tracer spans;
    private final ContextKeys keys;
    private final String[] headers;
    private final boolean baggage;
    private final boolean always;
    private final Scopes scopes;

    private volatile boolean broken; // set once, by any thread

    /**
     * @param sampler the SDK's
     * @param ids where the SDK gets its ids from
     * @param tracer Micrometer's
     * @param spans OpenTelemetry's, below it
     * @param keys of its contexts
     * @param headers whose presence says that a request brings a trace or baggage along
     */
    RequestSpans(
            Sampler sampler,
            TraceIds ids,
            Tracer tracer,
            io.opentelemetry.api.trace.Tracer spans,
            ContextKeys keys,
            List<String> headers) {
        this.sampler = sampler;
        this.ids = ids;
        this.tracer = tracer;
        this.spans = spans;
        this.keys = keys;
        this.headers = headers.toArray(String[]::new);
        List<String> fields = tracer.getBaggageFields();
        this.baggage = !fields.isEmpty();
        this.always =
                fields.stream()
                        .map(field -> field.toLowerCase(Locale.ROOT))
                        .anyMatch(CONVENTIONS::contains);
        this.scopes = new Scopes(tracer);
    }

    @Override
    public @Nullable RequestTrace begin(HttpServletRequest request) {
        for (String header : headers) {
            if (request.getHeader(header) != null) {
                return null;
            }
        }
        if (Context.current() != Context.root()) {
            return null;
        }
        String traceId = UnsampledSpanContext.randomTraceId();
        SamplingDecision decision =
                sampler.shouldSample(
                                Context.root(),
                                traceId,
                                UNNAMED,
                                SpanKind.SERVER,
                                Attributes.empty(),
                                List.of())
                        .getDecision();
        return decision == SamplingDecision.DROP
                ? new RequestSpan(
                        this,
                        Span.wrap(
                                new UnsampledSpanContext(
                                        traceId, UnsampledSpanContext.randomSpan())))
                : recorded(traceId);
    }

    private @Nullable RequestTrace recorded(String traceId) {
        if (baggage || broken) {
            // Which may become attributes of the span: the bridge knows how.
            return null;
        }
        ids.next(traceId);
        Span span = spans.spanBuilder("").setNoParent().setSpanKind(SpanKind.SERVER).startSpan();
        if (!span.getSpanContext().getTraceId().equals(traceId)) {
            ids.forget();
            broken = true;
            return null;
        }
        return new RequestSpan(this, span);
    }

    @Override
    public boolean isBroken() {
        return broken;
    }

    ContextKeys keys() {
        return keys;
    }

    /** Whether an observation's key values may be baggage for its scopes. */
    boolean mayBeBaggage(LazyRequestContext context) {
        return always || baggage && context.isTouched();
    }

    /** Opens and closes those scopes that are not the first of a request, as Micrometer does. */
    Scopes scopes() {
        return scopes;
    }

    /** Has only the scopes of a handler. */
    static final class Scopes implements TracingObservationHandler<LazyRequestContext> {

        private final Tracer tracer;

        Scopes(Tracer tracer) {
            this.tracer = tracer;
        }

        @Override
        public Tracer getTracer() {
            return tracer;
        }
    }
}
