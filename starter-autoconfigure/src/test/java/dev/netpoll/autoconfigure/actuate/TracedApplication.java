// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;

import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

import java.util.List;

/** With a tracer, an exporter in memory and, if {@code test.receiver} says where, one by OTLP. */
@Configuration(proxyBeanMethods = false)
@Import(ObservedApplication.class)
class TracedApplication {

    static List<SpanData> spans(ApplicationContext context) {
        return context.getBean(InMemorySpanExporter.class).getFinishedSpanItems();
    }

    /** The first span that ends and has {@code text} in its name. */
    static SpanData span(ApplicationContext context, String text) throws Exception {
        return eventually(
                () ->
                        spans(context).stream()
                                .filter(span -> span.getName().contains(text))
                                .findFirst()
                                .orElse(null),
                span -> span != null);
    }

    @Bean
    InMemorySpanExporter memory() {
        return InMemorySpanExporter.create();
    }

    @Bean
    SdkTracerProvider tracerProvider(InMemorySpanExporter memory, Environment environment) {
        SdkTracerProviderBuilder provider =
                SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(memory));
        String receiver = environment.getProperty("test.receiver");
        if (receiver != null) {
            provider.addSpanProcessor(
                    SimpleSpanProcessor.create(
                            OtlpHttpSpanExporter.builder().setEndpoint(receiver).build()));
        }
        return provider.build();
    }

    @Bean
    Tracer tracer(SdkTracerProvider provider) {
        return new OtelTracer(provider.get("test"), new OtelCurrentTraceContext(), _ -> {});
    }

    @Bean
    DefaultTracingObservationHandler tracingHandler(Tracer tracer) {
        return new DefaultTracingObservationHandler(tracer);
    }
}
