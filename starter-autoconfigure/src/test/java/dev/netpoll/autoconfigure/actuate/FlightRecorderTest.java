// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollEndpoint;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The engine's events in a recording, as {@code jfr} and its API read them. */
class FlightRecorderTest {

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.getBean(ObservedApplication.Handlers.class).open("jfr");
        context.close();
    }

    @Test
    void whatWaitsExpiresIsCancelledOrStallsIsInTheRecording(@TempDir Path directory)
            throws Exception {
        context =
                ObservedApplication.run(
                        "--server.tomcat.connection-timeout=3s",
                        "--netpoll.deadlines.rules[0].path=/gate/**",
                        "--netpoll.deadlines.rules[0].timeout=100ms");
        Path file = directory.resolve("netpoll.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Wait", "DeadlineExpired", "Cancelled", "LoopStall")) {
                recording.enable("dev.netpoll." + name).withoutThreshold();
            }
            recording.start();
            body();
            stall();
            request();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        RecordedEvent wait = only(events, "Wait", "result", "DEADLINE_EXCEEDED");
        assertThat(wait.getDuration()).isGreaterThan(Duration.ofMillis(100));
        assertThat(wait.getString("mode")).isEqualTo("READ");
        assertThat(wait.getStackTrace().getFrames())
                .anySatisfy(frame -> assertThat(frame.getMethod().getName()).isEqualTo("await"));
        RecordedEvent expired = only(events, "DeadlineExpired", "mode", "READ");
        assertThat(expired.getInt("fd")).isEqualTo(wait.getInt("fd"));
        RecordedEvent cancelled = only(events, "Cancelled", "kind", "deadline-exceeded");
        assertThat(cancelled.getString("request")).isEqualTo("GET /gate/jfr");
        assertThat(cancelled.getString("waitingFor")).isEqualTo("latch");
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("dev.netpoll.LoopStall"))
                .anySatisfy(
                        stall -> {
                            assertThat(stall.getString("stack")).contains("Handlers.spin");
                            assertThat(stall.getDuration("soFar"))
                                    .isGreaterThanOrEqualTo(Duration.ofMillis(10));
                        });
        assertThat(summary(file))
                .contains("dev.netpoll.Wait")
                .contains("dev.netpoll.DeadlineExpired")
                .contains("dev.netpoll.Cancelled")
                .contains("dev.netpoll.LoopStall");
    }

    /** A body that stops: a read that waits until its deadline. */
    private void body() throws Exception {
        try (Wire client = Wire.to(port())) {
            client.send(
                    "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                            + "Content-Length: 9\r\n\r\nhalf");
            client.awaitEnd();
        }
        eventually(
                () -> context.getBean(NetpollEndpoint.class).netpoll(),
                seen -> seen.connections().open() == 0);
    }

    private void stall() throws Exception {
        assertThat(Wire.get(port(), "/spin?ms=1000").status()).isEqualTo(200);
    }

    private void request() throws Exception {
        try (Wire client = Wire.to(port())) {
            assertThat(client.get("/gate/jfr;secret=1?secret=2").status()).isEqualTo(503);
        }
    }

    private int port() {
        return ObservedApplication.port(context);
    }

    private static RecordedEvent only(
            List<RecordedEvent> events, String name, String field, String value) {
        List<RecordedEvent> found =
                events.stream()
                        .filter(
                                event ->
                                        event.getEventType().getName().equals("dev.netpoll." + name)
                                                && event.getString(field).equals(value))
                        .toList();
        assertThat(found).as("%s of %s in %s", name, value, events).hasSize(1);
        assertThat(found.getFirst().getEventType().getCategoryNames()).containsExactly("netpoll");
        return found.getFirst();
    }

    static String summary(Path file) throws Exception {
        Process jfr =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jfr").toString(),
                                "summary",
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        String printed = new String(jfr.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jfr.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return printed;
    }
}
