// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.until;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Two applications get the same requests; one is observed by Spring's filter, one by ours. What is observed below the
 * requests, and what becomes of those that end early, is equal.
 */
class ObservedWorkDifferentialTest {

    private static final int TIMES = Integer.getInteger("netpoll.observation.requests", 1500) / 50;
    private static final long SEED = Long.getLong("netpoll.observation.seed", 12);

    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

    private static final List<String> WORK =
            List.of(
                    "/call",
                    "/call/fails",
                    "/query",
                    "/annotated",
                    "/annotated/fails",
                    "/async",
                    "/async/answers");

    private static final Pattern EXEMPLAR =
            Pattern.compile(
                    "^(http_server_requests_seconds_\\w+\\{.*?})[^#]*# \\{(.*)} .*$",
                    Pattern.MULTILINE);

    private WatchedPair pair;

    @AfterEach
    void close() {
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void whatIsObservedBelowARequestIsTheSame(String probability) throws Exception {
        start(probability, "--spring.task.execution.propagate-context=false");
        work();
        pair.assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void whatIsObservedOnThreadsThatTheContextFollowsToIsTheSame(String probability)
            throws Exception {
        start(probability, "--spring.task.execution.propagate-context=true");
        work();
        pair.assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void aRequestWhoseClientLeavesIsCountedTheSame(String probability) throws Exception {
        start(probability);
        for (int i = 0; i < 5; i++) {
            leave(pair.springs(), "waits" + i, i % 2 == 0);
            leave(pair.ours(), "waits" + i, i % 2 == 0);
        }
        until(() -> ended("499", 5), () -> Watched.meters(pair.ours()));
        pair.assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void aRequestWhoseDeadlinePassesIsCountedTheSame(String probability) throws Exception {
        start(probability);
        for (int i = 0; i < 5; i++) {
            pair.send(new WatchedTraffic.Asked("GET", "/late", List.of()));
        }
        until(() -> ended("503", 5), () -> Watched.meters(pair.ours()));
        pair.assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void aRequestThatTheConnectorAnswersForIsCountedTheSame(String probability) throws Exception {
        start(probability);
        for (int i = 0; i < 5; i++) {
            String name = "stray" + i;
            pair.send(new WatchedTraffic.Asked("GET", "/stray/" + name, List.of()));
            pair.each(each -> each.getBean(WatchedWork.Handlers.class).entered(name).countDown());
        }
        until(() -> ended("503", 5), () -> Watched.meters(pair.ours()));
        pair.assertSame();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sampled-traces", "none"})
    void theSameTimersHaveExemplars(String include) throws Exception {
        start(
                "0",
                "--management.tracing.exemplars.include=" + include,
                "--management.metrics.distribution.percentiles-histogram.http.server.requests=true");
        for (String path : List.of("/query", "/annotated", "/seen", "/nope", "/call/fails")) {
            pair.send(new WatchedTraffic.Asked("GET", path, List.of()));
            pair.send(new WatchedTraffic.Asked("HEAD", path, List.of("traceparent", TRACE + 1)));
            pair.send(new WatchedTraffic.Asked("POST", path, List.of("traceparent", TRACE + 0)));
        }
        pair.assertSame();
        TreeSet<String> ours = exemplars(pair.ours());
        assertThat(ours).isEqualTo(exemplars(pair.springs()));
        if (include.equals("none")) {
            assertThat(ours).isEmpty();
        } else {
            assertThat(ours).isNotEmpty().hasSizeLessThan(timers());
        }
    }

    private void start(String probability, String... properties) {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("--management.tracing.sampling.probability=" + probability);
        all.add("--management.observations.annotations.enabled=true");
        pair = new WatchedPair(WatchedWork.class, all.toArray(String[]::new));
    }

    private void work() throws Exception {
        List<WatchedTraffic.Asked> all = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
            for (String path : WORK) {
                all.add(new WatchedTraffic.Asked("GET", path, List.of()));
                all.add(
                        new WatchedTraffic.Asked(
                                "GET", path, List.of("traceparent", TRACE + i % 2)));
            }
        }
        Collections.shuffle(all, new Random(SEED));
        pair.sendAll(all);
    }

    private static void leave(ConfigurableApplicationContext context, String name, boolean reset)
            throws Exception {
        Wire client = Wire.to(WatchedPair.port(context)).get("/waits/" + name);
        context.getBean(WatchedWork.Handlers.class).entered(name).await();
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    /** Whether as many have ended so in both. */
    private boolean ended(String status, long number) {
        return List.of(pair.ours(), pair.springs()).stream()
                .allMatch(
                        each ->
                                Watched.meters(each).entrySet().stream()
                                                .filter(meter -> meter.getKey().startsWith("TIMER"))
                                                .filter(
                                                        meter ->
                                                                meter.getKey()
                                                                        .contains("=" + status))
                                                .mapToLong(
                                                        meter ->
                                                                Long.parseLong(
                                                                        meter.getValue()
                                                                                .split(" ")[0]))
                                                .sum()
                                        >= number);
    }

    private int timers() {
        return (int)
                Watched.meters(pair.springs()).keySet().stream()
                        .filter(each -> each.startsWith("TIMER http.server.requests "))
                        .filter(each -> !each.contains("/actuator/"))
                        .count();
    }

    /** The series that have one, by their timer; which bucket it is in depends on how long the request took. */
    private static TreeSet<String> exemplars(ConfigurableApplicationContext context)
            throws Exception {
        String scraped;
        try (Wire client = Wire.to(WatchedPair.port(context))) {
            scraped =
                    client.send(
                                    "GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\n"
                                            + "Accept: application/openmetrics-text\r\n\r\n")
                            .response()
                            .body();
        }
        return EXEMPLAR.matcher(scraped)
                .results()
                .map(
                        each ->
                                each.group(1).replaceFirst(",le=\"[^\"]*\"", "")
                                        + each.group(2).replaceAll("[0-9a-f]{16,}", "*"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
