// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;
import static dev.netpoll.testsupport.Bounded.until;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.observation.ObservationMode;

import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.OpenTelemetryServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Two applications get the same requests; one is observed by Spring's filter, one by ours. Meters, spans, and what
 * handlers see are equal.
 */
class ObservationDifferentialTest {

    private static final int REQUESTS = Integer.getInteger("netpoll.observation.requests", 1500);
    private static final long SEED = Long.getLong("netpoll.observation.seed", 12);

    private final WatchedTraffic traffic = new WatchedTraffic();
    private final List<ConfigurableApplicationContext> both = new ArrayList<>();

    @AfterEach
    void close() {
        both.forEach(ConfigurableApplicationContext::close);
    }

    @Test
    void aRequestThatIsNotSampledLeavesAndShowsTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS, true);
        assertSame();
    }

    @Test
    void aRequestThatIsSampledLeavesAndShowsTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=1");
        exchange(REQUESTS, true);
        assertSame();
        assertThat(Watched.spans(ours())).hasSizeGreaterThanOrEqualTo(REQUESTS);
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
        assertSame();
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
        assertSame();
    }

    @Test
    void withoutLongTaskTimersThereAreNone() throws Exception {
        start(
                Plain.class,
                "--management.tracing.sampling.probability=0",
                "--management.metrics.observations.ignored-meters=long-task-timer");
        exchange(REQUESTS / 5, false);
        assertSame();
        assertThat(Watched.meters(ours()).keySet()).noneMatch(id -> id.contains(".active"));
    }

    @Test
    void theNamesOfOpenTelemetryAreTheSame() throws Exception {
        start(OtelNames.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS / 2, true);
        assertSame();
    }

    @Test
    void whatTakesPartInObservationsSeesTheSame() throws Exception {
        start(Participants.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS, true);
        assertSame();
        List<String> springs = springs().getBean(Participants.class).seen;
        List<String> ours = ours().getBean(Participants.class).seen;
        eventually(() -> ours.size(), size -> size == springs.size());
        assertSame(ours, springs);
    }

    @Test
    void removedMetersComeBackAndAddedFiltersCount() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        exchange(REQUESTS / 5, true);
        assertSame();
        for (ConfigurableApplicationContext each : both) {
            MeterRegistry registry = each.getBean(MeterRegistry.class);
            for (Meter meter : registry.getMeters()) {
                if (meter.getId().getName().startsWith("http.server")) {
                    registry.remove(meter);
                }
            }
        }
        exchange(REQUESTS / 5, true);
        assertSame();
        for (ConfigurableApplicationContext each : both) {
            each.getBean(MeterRegistry.class)
                    .config()
                    .meterFilter(MeterFilter.replaceTagValues("uri", uri -> "/any"));
        }
        exchange(REQUESTS / 5, true);
        assertSame();
    }

    @Test
    void aTenthOfTheTracesIsSampledAndLooksAsWhenAllAre() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0.1");
        List<WatchedTraffic.Asked> requests = WatchedTraffic.requests(SEED, REQUESTS, false);
        for (WatchedTraffic.Asked asked : requests) {
            traffic.send(port(ours()), asked);
            traffic.send(port(springs()), asked);
        }
        eventually(() -> Watched.meters(ours()), Watched.meters(springs())::equals);
        List<String> some = Watched.spans(ours());
        close();
        both.clear();
        start(Plain.class, "--management.tracing.sampling.probability=1");
        for (WatchedTraffic.Asked asked : requests) {
            traffic.send(port(springs()), asked);
        }
        assertThat(some).isNotEmpty();
        assertThat(new HashSet<>(Watched.spans(springs()))).containsAll(some);
    }

    @Test
    void aRequestThatTimesOutAsynchronouslyIsCountedTheSame() throws Exception {
        start(Plain.class, "--management.tracing.sampling.probability=0");
        var late = new WatchedTraffic.Asked("GET", "/deferred/late", List.of());
        for (int i = 0; i < 2; i++) {
            assertThat(traffic.send(port(ours()), late))
                    .isEqualTo(traffic.send(port(springs()), late));
        }
        assertSame();
    }

    /** Spring's first. */
    private void start(Class<?> more, String... properties) {
        both.add(
                WatchedApplication.run(
                        more,
                        Stream.concat(
                                Stream.of(
                                        "--spring.autoconfigure.exclude="
                                                + NetpollObservationAutoConfiguration.class
                                                        .getName()),
                                Stream.of(properties))));
        both.add(WatchedApplication.run(more, Stream.of(properties)));
        assertThat(ours().getBean(ObservationMode.class)).hasToString("fast");
        assertThat(springs().getBeansOfType(ObservationMode.class)).isEmpty();
    }

    private ConfigurableApplicationContext springs() {
        return both.getFirst();
    }

    private ConfigurableApplicationContext ours() {
        return both.getLast();
    }

    private static int port(ConfigurableApplicationContext context) {
        return ObservedApplication.port(context);
    }

    private void exchange(int number, boolean headers) throws Exception {
        for (WatchedTraffic.Asked asked : WatchedTraffic.requests(SEED, number, headers)) {
            assertThat(traffic.send(port(ours()), asked))
                    .as("what %s showed", asked)
                    .isEqualTo(traffic.send(port(springs()), asked));
        }
    }

    /** Once what follows a response has been done: the span's end is the last of it. */
    private void assertSame() throws Exception {
        eventually(() -> active(ours()) + active(springs()), active -> active == 0);
        List<String> spans = Watched.spans(springs());
        until(() -> Watched.spans(ours()).size() >= spans.size(), () -> Watched.spans(ours()));
        assertSame(Watched.spans(ours()), spans);
        // A request that times out is stopped twice, the second time after its response.
        until(() -> Watched.meters(ours()).equals(Watched.meters(springs())), this::difference);
        assertThat(ours().getBean(ObservationMode.class)).hasToString("fast");
    }

    private String difference() {
        List<String> mine = lines(ours());
        List<String> theirs = lines(springs());
        return "only with our filter: %s; only with Spring's: %s"
                .formatted(without(mine, theirs), without(theirs, mine));
    }

    private static List<String> lines(ConfigurableApplicationContext context) {
        return Watched.meters(context).entrySet().stream().map(Object::toString).toList();
    }

    /** In any order; tells no more than what differs. */
    private static void assertSame(List<String> ours, List<String> springs) {
        assertThat(without(ours, springs))
                .as("only with our filter; only with Spring's: %s", without(springs, ours))
                .isEmpty();
        assertThat(without(springs, ours)).as("only with Spring's filter").isEmpty();
    }

    private static List<String> without(List<String> all, List<String> others) {
        List<String> left = new ArrayList<>(all);
        others.forEach(left::remove);
        return left.stream().distinct().toList();
    }

    private static long active(ConfigurableApplicationContext context) {
        return Watched.meters(context).entrySet().stream()
                .filter(each -> each.getKey().startsWith("LONG_TASK_TIMER"))
                .mapToLong(each -> Long.parseLong(each.getValue().split(" ")[0]))
                .sum();
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
