// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollEndpoint;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * {@code /actuator/netpoll} read while many idle connections are open and others are busy. {@code
 * -Dnetpoll.long=true} takes 10,000 and holds the figure: it answers within 20 ms, at the median.
 */
class EndpointUnderLoadTest {

    private static final boolean LONG = Boolean.getBoolean("netpoll.long");
    private static final int IDLE = LONG ? 10_000 : 200;
    private static final int READS = LONG ? 100 : 5;
    private static final int WARM_UP = LONG ? 300 : 0;
    private static final int BUSY = 4;
    private static final double MEDIAN_MILLIS = 20;
    private static final Path HOLDER =
            Path.of("..", "benchmarks", "compare", "HoldConnections.java");
    private static final JsonMapper JSON = new JsonMapper();

    private final AtomicBoolean over = new AtomicBoolean();
    private final LongAdder answered = new LongAdder();

    @Test
    void itAnswersWhileManyConnectionsAreOpenAndOthersAreBusy() throws Exception {
        try (ConfigurableApplicationContext context = start()) {
            int port = ObservedApplication.port(context);
            Process holder = hold(port);
            List<FutureTask<Void>> busy = new ArrayList<>();
            try {
                try (BufferedReader said = holder.inputReader()) {
                    assertThat(said.readLine()).isEqualTo("READY");
                    for (int i = 0; i < BUSY; i++) {
                        busy.add(ask(port));
                    }
                    eventually(answered::sum, sum -> sum > BUSY);
                    report("/actuator/netpoll", read(port, "/actuator/netpoll"));
                    over.set(true);
                    for (FutureTask<Void> each : busy) {
                        each.get();
                    }
                    eventually(
                            () -> context.getBean(NetpollEndpoint.class).netpoll(),
                            seen -> seen.connections().open() == IDLE);
                    holder.getOutputStream().close();
                    assertThat(said.readLine()).isEqualTo("OPEN " + IDLE);
                }
            } finally {
                over.set(true);
                holder.destroyForcibly().waitFor();
            }
        }
    }

    /** In milliseconds, the smallest first. */
    private double[] read(int port, String path) throws Exception {
        double[] millis = new double[READS];
        try (Wire reader = Wire.to(port)) {
            for (int i = -WARM_UP; i < READS; i++) {
                long begin = System.nanoTime();
                Wire.Response response = reader.get(path).response();
                if (i >= 0) {
                    millis[i] = (System.nanoTime() - begin) / 1e6;
                }
                assertThat(response.status()).isEqualTo(200);
                JsonNode connections = JSON.readTree(response.body()).path("connections");
                assertThat(connections.path("open").asInt()).isGreaterThan(IDLE);
                assertThat(connections.path("idle").asInt()).isGreaterThanOrEqualTo(IDLE);
            }
        }
        Arrays.sort(millis);
        return millis;
    }

    private void report(String what, double[] millis) {
        double median = millis[millis.length / 2];
        System.out.printf(
                "%s at %d connections, %d requests beside it: n=%d p50=%.1f ms p99=%.1f ms%n",
                what,
                IDLE,
                answered.sum(),
                millis.length,
                median,
                millis[(int) Math.ceil(millis.length * 0.99) - 1]);
        if (LONG) {
            assertThat(median).isLessThanOrEqualTo(MEDIAN_MILLIS);
        }
    }

    private static ConfigurableApplicationContext start() {
        return SpringApplication.run(
                ObservedApplication.class,
                "--server.port=0",
                "--server.tomcat.max-connections=" + (IDLE + 100),
                "--server.tomcat.keep-alive-timeout=1h",
                "--management.endpoints.web.exposure.include=*");
    }

    private static Process hold(int port) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HOLDER.toString(),
                        "idle",
                        String.valueOf(port),
                        String.valueOf(IDLE),
                        "/hello")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** One request after the other on one connection. */
    private FutureTask<Void> ask(int port) {
        FutureTask<Void> asking =
                new FutureTask<>(
                        () -> {
                            try (Wire wire = Wire.to(port)) {
                                while (!over.get()) {
                                    assertThat(wire.get("/hello").status()).isEqualTo(200);
                                    answered.increment();
                                }
                            }
                            return null;
                        });
        Thread.ofPlatform().daemon().name("busy").start(asking);
        return asking;
    }
}
