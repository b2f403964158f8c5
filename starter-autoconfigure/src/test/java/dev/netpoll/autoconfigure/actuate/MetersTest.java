// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The meters a running application has, docs/meters.md against them, and what Prometheus gets. */
class MetersTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "meters.md");

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void underMicrometersNamesTheMetersAreTheDocumentedOnes() throws Exception {
        start();
        assertThat(meters()).containsExactlyElementsOf(documented(0));
    }

    @Test
    void underOpenTelemetrysNamesTheMetersAreTheDocumentedOnes() throws Exception {
        start("--management.observations.conventions=opentelemetry");
        assertThat(meters()).containsExactlyElementsOf(documented(2));
    }

    @Test
    void prometheusGetsWhatTheClientDid() throws Exception {
        start();
        try (Wire client = Wire.to(port())) {
            for (int i = 0; i < 3; i++) {
                client.get("/hello").status();
            }
            String scraped =
                    eventually(
                            this::scrape,
                            text ->
                                    value(text, "netpoll_waiters{kind=\"idle\"}") == 1
                                            && value(text, "netpoll_connections{state=\"active\"}")
                                                    == 1
                                            && bothSayHowManyWaitsEnded(text));
            assertThat(value(scraped, "netpoll_wait_within_total{kind=\"idle\",le=\"+Inf\"}"))
                    .as("one for each request at least")
                    .isGreaterThanOrEqualTo(3);
            assertThat(scraped)
                    .contains("netpoll_loop_busy{loop=\"0\"}")
                    .contains("netpoll_syscall_errors_total{errno=\"ECONNRESET\",syscall=\"recv\"}")
                    .contains("le=\"0.00001\"");
        }
    }

    private void start(String... properties) throws Exception {
        context = ObservedApplication.run(properties);
        // An errno has a meter only once it has been seen.
        Wire.to(port()).reset();
        eventually(
                () -> Wire.get(port(), "/actuator/netpoll").body(),
                body -> body.contains("ECONNRESET"));
        eventually(this::scrape, text -> text.contains("ECONNRESET"));
    }

    private int port() {
        return ObservedApplication.port(context);
    }

    private String scrape() throws Exception {
        return Wire.get(port(), "/actuator/prometheus").body();
    }

    /** Read one after the other: a wait may end between the two, such as that of the last scrape. */
    private static boolean bothSayHowManyWaitsEnded(String scraped) {
        return value(scraped, "netpoll_wait_seconds_count{kind=\"idle\"}")
                == value(scraped, "netpoll_wait_within_total{kind=\"idle\",le=\"+Inf\"}");
    }

    private static double value(String scraped, String series) {
        return scraped.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(series + " is not in " + scraped));
    }

    /** Each as its name and the keys of its tags. */
    private Set<String> meters() {
        return context.getBean(MeterRegistry.class).getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getName().startsWith("netpoll."))
                .map(
                        id ->
                                id.getName()
                                        + " "
                                        + id.getTags().stream()
                                                .map(Tag::getKey)
                                                .sorted()
                                                .collect(Collectors.toList()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented(int column) throws Exception {
        return Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("| `netpoll."))
                .map(line -> line.substring(2).split(" \\| "))
                .map(row -> row[column].replace("`", "") + " " + keys(row[column + 1]))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> keys(String cell) {
        return cell.equals("–")
                ? List.of()
                : Arrays.stream(cell.replace("`", "").split(", ")).toList();
    }
}
