// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.model.Bind;

import dev.netpoll.testsupport.Figures;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The jar in a container with a tenth of a CPU: every timer is late there, and every handler is, by up
 * to a tenth of a second. No request may say success after its deadline all the same.
 *
 * <p>The handlers sleep ten milliseconds longer than their requests may take, so not one of them can be
 * in time.
 *
 * <p>A virtual machine on a crowded host was seen to need all of its tenth for a JVM that does nothing,
 * because every wake-up cost milliseconds there: Tomcat NIO answered nobody either. So the container gets
 * a tenth more whenever nobody has been answered for a while; what it ended with is printed.
 */
@Tag("jar")
@ExtendWith(PostgresContainer.class) // says so, or fails, where there is no Docker
class StarvedTest {

    private static final int PORT = 8080;
    private static final long PERIOD_MICROS = 100_000;
    private static final long TENTH_MICROS = PERIOD_MICROS / 10;
    private static final String EXPIRED = "503 deadline exceeded";
    private static final int AT_ONCE = 16;
    private static final int WARM_UP = 1_000;
    private static final int REQUESTS = Figures.rounds(200, 1_000);

    /** A server that answers nobody for as long is not slow but starved to death. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /** The jar, our JDK, and an image for the C library under it. */
    private static GenericContainer<?> sample() throws IOException {
        Bind jdk = Bind.parse(System.getProperty("java.home") + ":/jdk:ro");
        Bind jar = Bind.parse(jar() + ":/sample.jar:ro");
        return new GenericContainer<>("postgres:15")
                .withCreateContainerCmdModifier(
                        command -> {
                            command.withEntrypoint("/jdk/bin/java");
                            // Testcontainers' own way tries them with an image from a registry.
                            requireNonNull(command.getHostConfig()).withBinds(jdk, jar);
                        })
                .withCommand(
                        // What the JVM finds where the quota is there from its start.
                        "-XX:ActiveProcessorCount=1",
                        "-jar",
                        "/sample.jar",
                        // Starved, a request's first line may take longer than the usual 20 s to be
                        // read.
                        "--server.tomcat.connection-timeout=10m",
                        "--spring.datasource.url=jdbc:postgresql://localhost:1/none",
                        "--spring.sql.init.mode=never")
                .withExposedPorts(PORT)
                .waitingFor(
                        Wait.forLogMessage(".*Started SampleApplication.*", 1)
                                .withStartupTimeout(Duration.ofMinutes(5)));
    }

    private static Path jar() throws IOException {
        try (var files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.toString().endsWith("-SNAPSHOT.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath();
        }
    }

    /** Only after its start, which would take minutes with a tenth of a CPU. */
    private static void allow(GenericContainer<?> container, int tenths) {
        container
                .getDockerClient()
                .updateContainerCmd(container.getContainerId())
                .withCpuPeriod(PERIOD_MICROS)
                .withCpuQuota(tenths * TENTH_MICROS)
                .exec();
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyExpiredRequestSaysSoAndNoneSaysSuccess() throws Exception {
        try (GenericContainer<?> container = sample();
                ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
            container.start();
            int port = container.getMappedPort(PORT);
            warmUp(callers, port);
            allow(container, 1);
            CompletionService<String> answers = new ExecutorCompletionService<>(callers);
            for (int i = 0; i < REQUESTS; i++) {
                answers.submit(() -> outcome(port));
            }
            int tenths = 1;
            Map<String, Integer> outcomes = new TreeMap<>();
            for (int answered = 0; answered < REQUESTS; ) {
                Future<String> outcome = answers.poll(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
                if (outcome == null) {
                    allow(container, ++tenths);
                } else {
                    outcomes.merge(outcome.get(), 1, Integer::sum);
                    answered++;
                }
            }
            System.out.printf("with %d tenth(s) of a CPU: %s%n", tenths, outcomes);
            assertThat(outcomes).as(container.getLogs()).isEqualTo(Map.of(EXPIRED, REQUESTS));
        }
    }

    /** The first requests load and compile what a tenth of a CPU would need minutes for. */
    private static void warmUp(ExecutorService callers, int port) throws Exception {
        List<Callable<String>> calls = Collections.nCopies(WARM_UP, () -> outcome(port));
        for (Future<String> outcome : callers.invokeAll(calls)) {
            assertThat(outcome.get()).isEqualTo(EXPIRED);
        }
    }

    private static String outcome(int port) throws IOException {
        String answer = Caller.get(port, "/sleep?ms=60", "x-request-timeout-ms: 50");
        return answer.startsWith("HTTP/1.1 503") && answer.contains("deadline exceeded")
                ? EXPIRED
                : answer;
    }
}
