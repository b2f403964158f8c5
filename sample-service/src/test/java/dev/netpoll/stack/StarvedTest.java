package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.model.Bind;

import dev.netpoll.context.jdbc.PostgresContainer;

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
 */
@Tag("jar")
@ExtendWith(PostgresContainer.class) // says so, or fails, where there is no Docker
class StarvedTest {

    private static final int PORT = 8080;
    private static final long PERIOD_MICROS = 100_000;
    private static final long QUOTA_MICROS = 10_000;
    private static final int AT_ONCE = 16;
    private static final int WARM_UP = 1_000;
    private static final int REQUESTS = Figures.rounds(16, 1_000);

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
                        "-jar",
                        "/sample.jar",
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

    /** Only now: a start with a tenth of a CPU would take minutes. */
    private static void starve(GenericContainer<?> container) {
        container
                .getDockerClient()
                .updateContainerCmd(container.getContainerId())
                .withCpuPeriod(PERIOD_MICROS)
                .withCpuQuota(QUOTA_MICROS)
                .exec();
    }

    /** A slow machine's tenth was seen to need a third of a second of it for each request. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyExpiredRequestSaysSoAndNoneSaysSuccess() throws Exception {
        try (GenericContainer<?> container = sample();
                ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
            container.start();
            int port = container.getMappedPort(PORT);
            warmUp(callers, port);
            starve(container);
            Map<String, Integer> outcomes = new TreeMap<>();
            for (Future<String> outcome : callers.invokeAll(times(REQUESTS, () -> outcome(port)))) {
                outcomes.merge(outcome.get(), 1, Integer::sum);
            }
            System.out.printf("with a tenth of a CPU: %s%n", outcomes);
            assertThat(outcomes)
                    .as(container.getLogs())
                    .isEqualTo(Map.of("503 deadline exceeded", REQUESTS));
        }
    }

    /** The first requests load and compile what a tenth of a CPU would need minutes for. */
    private static void warmUp(ExecutorService callers, int port) throws Exception {
        for (Future<String> answer :
                callers.invokeAll(times(WARM_UP, () -> Caller.get(port, "/sleep?ms=1")))) {
            assertThat(answer.get()).startsWith("HTTP/1.1 200");
        }
    }

    private static List<Callable<String>> times(int count, Callable<String> call) {
        return Collections.nCopies(count, call);
    }

    private static String outcome(int port) throws IOException {
        String answer = Caller.get(port, "/sleep?ms=60", "x-request-timeout-ms: 50");
        return answer.startsWith("HTTP/1.1 503") && answer.contains("deadline exceeded")
                ? "503 deadline exceeded"
                : answer;
    }
}
