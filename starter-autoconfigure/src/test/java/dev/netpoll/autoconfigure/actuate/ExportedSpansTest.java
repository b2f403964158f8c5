// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.untilEqual;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.exporter.SpanFilter;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What exporters get of sampled requests, from Spring Boot's span processor: the same spans, and what they cost. */
class ExportedSpansTest {

    private static final int REQUESTS = 300;
    private static final long SEED = 56;

    private WatchedPair pair;

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void exportersGetTheSameSpans() throws Exception {
        exchange(Plain.class);
        assertThat(exported(pair.ours())).hasSizeGreaterThanOrEqualTo(REQUESTS);
    }

    @Test
    void predicatesAndFiltersOfTheApplicationComeBeforeThem() throws Exception {
        exchange(Changed.class);
        assertThat(exported(pair.ours()))
                .isNotEmpty()
                .allMatch(each -> each.startsWith("changed "));
    }

    @Test
    void theSpansOfABatchHaveOneResourceAndAttributesThatStay() throws Exception {
        exchange(Plain.class);
        for (Collection<SpanData> batch : pair.ours().getBean(Exporter.class).batches) {
            assertThat(batch.stream().map(SpanData::getResource).map(System::identityHashCode))
                    .containsOnly(System.identityHashCode(batch.iterator().next().getResource()));
            for (SpanData span : batch) {
                Attributes attributes = span.getAttributes();
                assertThat(span.getAttributes()).isSameAs(attributes);
                assertThat(span.getTotalAttributeCount()).isEqualTo(attributes.size());
            }
        }
    }

    private void exchange(Class<?> more) throws Exception {
        pair = new WatchedPair(more, "--management.tracing.sampling.probability=1");
        pair.sendAll(WatchedTraffic.requests(SEED, REQUESTS, true));
        pair.assertSame();
        pair.each(
                each ->
                        each.getBean(SdkTracerProvider.class)
                                .forceFlush()
                                .join(1, TimeUnit.MINUTES));
        List<String> springs = exported(pair.springs());
        untilEqual(springs, () -> exported(pair.ours()));
    }

    private static List<String> exported(ConfigurableApplicationContext context) {
        return context.getBean(Exporter.class).batches.stream()
                .flatMap(Collection::stream)
                .map(ExportedSpansTest::inWords)
                .sorted()
                .toList();
    }

    private static String inWords(SpanData span) {
        var attributes = new TreeMap<String, String>();
        span.getAttributes()
                .forEach((key, value) -> attributes.put(key.getKey(), Objects.toString(value)));
        attributes.keySet().removeIf(key -> key.endsWith(".id") || key.endsWith(".ms"));
        return span.getName()
                + " "
                + span.getKind()
                + span.getStatus()
                + attributes
                + span.getEvents().size()
                + span.getResource().getAttributes()
                + span.getTotalRecordedEvents()
                + span.hasEnded();
    }

    /** Keeps each batch. */
    static final class Exporter implements SpanExporter {

        private final List<Collection<SpanData>> batches = new CopyOnWriteArrayList<>();

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            batches.add(List.copyOf(spans));
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    /** An exporter. */
    @Configuration(proxyBeanMethods = false)
    static class Plain {

        @Bean
        Exporter exporter() {
            return new Exporter();
        }
    }

    /** And what changes spans before it. */
    @Configuration(proxyBeanMethods = false)
    static class Changed extends Plain {

        @Bean
        SpanExportingPredicate onlySome() {
            return span -> !Objects.requireNonNull(span.getName()).contains("/status");
        }

        @Bean
        SpanFilter renames() {
            return span -> span.setName("changed " + span.getName());
        }
    }
}
