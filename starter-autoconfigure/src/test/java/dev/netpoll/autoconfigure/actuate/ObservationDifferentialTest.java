// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.OpenTelemetryServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;

import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Two applications get the same requests; one is observed by Spring's filter, one by ours. Meters, spans, and what
 * handlers see are equal.
 */
class ObservationDifferentialTest {

    private static final int REQUESTS = Integer.getInteger("netpoll.observation.requests", 1500);
    private static final long SEED = Long.getLong("netpoll.observation.seed", 12);

    private WatchedPair pair;

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void aRequestThatIsNotSampledLeavesAndShowsTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS, true);
        pair.assertSame();
    }

    @Test
    void aRequestThatIsSampledLeavesAndShowsTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=1");
        exchange(REQUESTS, true);
        pair.assertSame();
        assertThat(Watched.spans(pair.ours())).hasSizeGreaterThanOrEqualTo(REQUESTS);
    }

    @Test
    void withBaggageFieldsAndNothingButTheNewHeaderTheSameIsSeen() throws Exception {
        start(
                Plain.class,
                "--management.tracing.sampling.probability=0",
                "--management.tracing.propagation.type=w3c",
                "--management.tracing.baggage.remote-fields=color,method",
                "--management.tracing.baggage.tag-fields=color",
                "--management.tracing.baggage.correlation.fields=color");
        exchange(REQUESTS, true);
        pair.assertSame();
    }

    @Test
    void customizedMetersAreTheSame() throws Exception {
        start(
                Filters.class,
                "--management.tracing.sampling.probability=0",
                "--management.metrics.tags.region=eu",
                "--management.observations.key-values.zone=z1",
                "--management.metrics.distribution.percentiles-histogram.http.server.requests=true",
                "--management.metrics.distribution.percentiles.http.server.requests=0.5,0.9",
                "--management.metrics.distribution.slo.http.server.requests=10ms,50ms",
                "--management.observations.http.server.requests.name=http.server.mine");
        exchange(REQUESTS / 2, true);
        pair.assertSame();
    }

    @Test
    void withoutLongTaskTimersThereAreNone() throws Exception {
        start(
                Plain.class,
                "--management.tracing.sampling.probability=0",
                "--management.metrics.observations.ignored-meters=long-task-timer");
        exchange(REQUESTS / 5, false);
        pair.assertSame();
        assertThat(Watched.meters(pair.ours()).keySet()).noneMatch(id -> id.contains(".active"));
    }

    @Test
    void theNamesOfOpenTelemetryAreTheSame() throws Exception {
        start(OtelNames.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS / 2, true);
        pair.assertSame();
    }

    @Test
    void whatTakesPartInObservationsSeesTheSame() throws Exception {
        start(Participants.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS, true);
        pair.assertSame();
        List<String> springs = pair.springs().getBean(Participants.class).seen;
        List<String> ours = pair.ours().getBean(Participants.class).seen;
        eventually(() -> ours.size(), size -> size == springs.size());
        WatchedPair.assertSame(ours, springs);
    }

    @Test
    void removedMetersComeBackAndAddedFiltersCount() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS / 5, true);
        pair.assertSame();
        pair.each(
                each -> {
                    MeterRegistry registry = each.getBean(MeterRegistry.class);
                    registry.getMeters().stream()
                            .filter(meter -> meter.getId().getName().startsWith("http.server"))
                            .forEach(registry::remove);
                });
        exchange(REQUESTS / 5, true);
        pair.assertSame();
        pair.each(
                each ->
                        each.getBean(MeterRegistry.class)
                                .config()
                                .meterFilter(MeterFilter.replaceTagValues("uri", uri -> "/any")));
        exchange(REQUESTS / 5, true);
        pair.assertSame();
    }

    @Test
    void aTenthOfTheTracesIsSampledAndLooksAsWhenAllAre() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0.1");
        List<WatchedTraffic.Asked> requests = WatchedTraffic.requests(SEED, REQUESTS, false);
        var traffic = new WatchedTraffic();
        for (WatchedTraffic.Asked asked : requests) {
            traffic.send(WatchedPair.port(pair.ours()), asked);
            traffic.send(WatchedPair.port(pair.springs()), asked);
        }
        eventually(() -> Watched.meters(pair.ours()), Watched.meters(pair.springs())::equals);
        List<String> some = Watched.spans(pair.ours());
        close();
        start(Plain.class, "--management.tracing.sampling.probability=1");
        for (WatchedTraffic.Asked asked : requests) {
            traffic.send(WatchedPair.port(pair.springs()), asked);
        }
        assertThat(some).isNotEmpty();
        assertThat(new HashSet<>(Watched.spans(pair.springs()))).containsAll(some);
    }

    @Test
    void aRequestThatTimesOutAsynchronouslyIsCountedTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        var late = new WatchedTraffic.Asked("GET", "/deferred/late", List.of());
        pair.sendAll(List.of(late, late));
        pair.assertSame();
    }

    private void start(Class<?> more, String... properties) {
        pair = new WatchedPair(more, properties);
    }

    private void exchange(int number, boolean headers) throws Exception {
        pair.sendAll(WatchedTraffic.requests(SEED, number, headers));
    }

    /** Nothing of its own. */
    @Configuration(proxyBeanMethods = false)
    static class Plain {}

    /** Meters of another kind. */
    @Configuration(proxyBeanMethods = false)
    static class Filters {

        @Bean
        MeterFilter renames() {
            return MeterFilter.renameTag("http.server", "uri", "path");
        }

        @Bean
        MeterFilter denies() {
            return MeterFilter.deny(
                    id -> "/nope".equals(id.getTag("path")) || "404".equals(id.getTag("status")));
        }
    }

    /** OpenTelemetry's. */
    @Configuration(proxyBeanMethods = false)
    static class OtelNames {

        @Bean
        OpenTelemetryServerRequestObservationConvention convention() {
            return new OpenTelemetryServerRequestObservationConvention();
        }
    }

    /** A predicate, filters and a handler that reads all there is. */
    @Configuration(proxyBeanMethods = false)
    static class Participants {

        private final List<String> seen = new CopyOnWriteArrayList<>();

        @Bean
        ObservationPredicate notTheSecond() {
            return (_, context) ->
                    !(context instanceof ServerRequestObservationContext request
                            && request.getCarrier() != null
                            && request.getCarrier().getRequestURI().equals("/route/2"));
        }

        @Bean
        ObservationFilter adds() {
            return context ->
                    context.getLowCardinalityKeyValue("uri") == null
                            ? context
                            : context.addLowCardinalityKeyValue(KeyValue.of("filtered", "yes"));
        }

        @Bean
        ObservationFilter overrides() {
            return context ->
                    context.getName() != null && context.getName().startsWith("http")
                            ? context.addHighCardinalityKeyValue(KeyValue.of("http.url", "mine"))
                            : context;
        }

        @Bean
        ObservationHandler<Observation.Context> reads() {
            return new Reads(seen);
        }
    }

    /** Notes each call, with the context as it is read then. */
    private record Reads(List<String> seen) implements ObservationHandler<Observation.Context> {

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ServerRequestObservationContext;
        }

        private void note(String call, Observation.Context context) {
            var request = (ServerRequestObservationContext) context;
            seen.add(
                    call
                            + " "
                            + request.getName()
                            + " "
                            + request.getContextualName()
                            + " "
                            + request.getPathPattern()
                            + " "
                            + request.getError()
                            + " "
                            + request.getLowCardinalityKeyValues().stream().toList()
                            + " "
                            + request.getAllKeyValues().stream()
                                    .filter(each -> !each.getKey().endsWith(".id"))
                                    .filter(each -> !each.getKey().endsWith(".ms"))
                                    .toList()
                            + " "
                            + request.containsKey(
                                    io.micrometer.tracing.handler.TracingObservationHandler
                                            .TracingContext.class));
        }

        @Override
        public void onStart(Observation.Context context) {
            note("start", context);
        }

        @Override
        public void onError(Observation.Context context) {
            note("error", context);
        }

        @Override
        public void onEvent(Observation.Event event, Observation.Context context) {
            note("event " + event.getName(), context);
        }

        /** Some run beside the request's end: what these read differs from time to time. */
        @Override
        public void onScopeOpened(Observation.Context context) {
            seen.add("open " + context.getAllKeyValues().stream().findAny().isPresent());
        }

        @Override
        public void onScopeClosed(Observation.Context context) {
            seen.add("close " + context.getAllKeyValues().stream().findAny().isPresent());
        }

        @Override
        public void onStop(Observation.Context context) {
            note("stop", context);
        }
    }
}
