// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Gives an exporter spans whose attributes and resource are computed once. Those of Micrometer's bridge sort their
 * attributes anew each time they are asked for them, which an exporter does several times, and each has a resource of its
 * own, equal to all others, which OTLP then repeats for each span. Runs on the span processor's thread.
 */
final class SpansOnce implements SpanExporter {

    private final SpanExporter exporter;

    private SpansOnce(SpanExporter exporter) {
        this.exporter = exporter;
    }

    static SpanExporters around(SpanExporters exporters) {
        return SpanExporters.of(exporters.list().stream().map(SpansOnce::new).toList());
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        List<SpanData> once = new ArrayList<>(spans.size());
        Resource latest = null;
        for (SpanData span : spans) {
            latest = theSame(latest, span.getResource());
            once.add(new Once(span, latest));
        }
        return exporter.export(once);
    }

    private static Resource theSame(@Nullable Resource latest, Resource next) {
        return latest != null
                        && Objects.equals(latest.getSchemaUrl(), next.getSchemaUrl())
                        && latest.getAttributes().equals(next.getAttributes())
                ? latest
                : next;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }

    @Override
    public void close() {
        exporter.close();
    }

    @Override
    public String toString() {
        return exporter.toString();
    }

    /** A span as it was when it was exported. */
    private static final class Once extends DelegatingSpanData {

        private final Resource resource;
        private final SpanContext context;
        private final Attributes attributes;
        private final int total;

        Once(SpanData span, Resource resource) {
            super(span);
            this.resource = resource;
            this.context = span.getSpanContext();
            this.attributes = span.getAttributes();
            this.total = span.getTotalAttributeCount();
        }

        @Override
        public Resource getResource() {
            return resource;
        }

        @Override
        public SpanContext getSpanContext() {
            return context;
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }

        @Override
        public int getTotalAttributeCount() {
            return total;
        }
    }
}
