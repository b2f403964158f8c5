// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether requests' traces can begin on the short way.
 *
 * @param traces that begin so; null when they can't
 * @param reason why they can't; null when they can
 */
record TraceSetup(@Nullable TraceStarts traces, @Nullable String reason) {

    private static final String BRIDGE = "io.micrometer.tracing.otel.bridge.OtelTracer";
    private static final String AGENT = "io.opentelemetry.javaagent.OpenTelemetryAgent";
    private static final String SDK = "io.opentelemetry.sdk.trace.SdkTracerProvider";

    /** These say nothing without the header that has the trace's id. */
    private static final Set<String> NOT_ALONE =
            Set.of("tracestate", "x-b3-spanid", "x-b3-sampled", "x-b3-parentspanid", "x-b3-flags");

    static TraceSetup of(ListableBeanFactory beans) {
        if (ClassUtils.isPresent(AGENT, ClassLoader.getSystemClassLoader())) {
            return not("OpenTelemetry's agent traces the application");
        }
        ClassLoader loader = TraceSetup.class.getClassLoader();
        if (!ClassUtils.isPresent(BRIDGE, loader) || !ClassUtils.isPresent(SDK, loader)) {
            return not("the tracer is not OpenTelemetry's");
        }
        return Parts.of(beans);
    }

    private static TraceSetup not(String reason) {
        return new TraceSetup(null, reason);
    }

    /** Apart, because its classes may be missing. */
    private static final class Parts {

        static TraceSetup of(ListableBeanFactory beans) {
            Tracer tracer = beans.getBeanProvider(Tracer.class).getIfUnique();
            if (tracer == null || tracer.getClass() != OtelTracer.class) {
                return not("the tracer is not OpenTelemetry's");
            }
            TraceIds ids = beans.getBeanProvider(TraceIds.class).getIfUnique();
            Sampler sampler = beans.getBeanProvider(Sampler.class).getIfUnique();
            SdkTracerProvider provider =
                    beans.getBeanProvider(SdkTracerProvider.class).getIfUnique();
            var spans =
                    beans.getBeanProvider(io.opentelemetry.api.trace.Tracer.class).getIfUnique();
            Propagator propagator = beans.getBeanProvider(Propagator.class).getIfUnique();
            if (ids == null
                    || sampler == null
                    || provider == null
                    || spans == null
                    || propagator == null) {
                return not("OpenTelemetry's SDK is not configured");
            }
            if (beans.getBeanNamesForType(
                                    PropagatingReceiverTracingObservationHandler.class, true, false)
                            .length
                    == 0) {
                return not("traces of clients are not continued");
            }
            if (!provider.toString().contains("idGenerator=" + ids)) {
                return not("OpenTelemetry's SDK has another generator of ids");
            }
            ContextKeys keys =
                    tracer.currentTraceContext() instanceof OtelCurrentTraceContext current
                            ? ContextKeys.learn(current)
                            : null;
            if (keys == null) {
                return not("Micrometer's bridge to OpenTelemetry is of an unknown version");
            }
            return new TraceSetup(
                    new RequestSpans(sampler, ids, tracer, spans, keys, headers(propagator)), null);
        }

        private static List<String> headers(Propagator propagator) {
            List<String> headers = new ArrayList<>();
            for (String field : propagator.fields()) {
                String name = field.toLowerCase(Locale.ROOT);
                if (!NOT_ALONE.contains(name) && !headers.contains(name)) {
                    headers.add(name);
                }
            }
            if (headers.contains("b3") && !headers.contains("x-b3-traceid")) {
                // Which the propagator of the single header reads as well.
                headers.add("x-b3-traceid");
            }
            return headers;
        }
    }
}
