// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import dev.netpoll.actuate.JdbcTraces;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.jdbc.CancelReport;

import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the server span tells, by an exporter in memory and by a receiver of OTLP over HTTP. */
class TracesTest {

    private final List<String> received = new CopyOnWriteArrayList<>();
    private HttpServer receiver;
    private ConfigurableApplicationContext context;

    @BeforeEach
    void listen() throws Exception {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext(
                "/v1/traces",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    received.add(new String(body, StandardCharsets.ISO_8859_1));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        receiver.start();
    }

    @AfterEach
    void close() {
        context.getBean(ObservedApplication.Handlers.class).open("traced");
        context.close();
        receiver.stop(0);
    }

    @Test
    void aSpanTellsHowLongItsRequestWaitedForTheClient() throws Exception {
        start("--netpoll.deadlines.default=1h");
        try (Wire client = Wire.to(port())) {
            client.send(
                    "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                            + "Content-Length: 8\r\n\r\nhalf");
            eventually(
                    () -> Wire.get(port(), "/actuator/netpoll/connections?state=reading").body(),
                    body -> body.contains("POST /body"));
            client.send("half");
            assertThat(client.status()).isEqualTo(200);
            assertWaits(span("/body")); // while the client is still there
        }
    }

    private static void assertWaits(SpanData span) {
        assertThat(Double.parseDouble(attribute(span, "netpoll.wait.read.ms"))).isPositive();
        assertThat(Double.parseDouble(attribute(span, "netpoll.wait.write.ms"))).isZero();
        assertThat(Double.parseDouble(attribute(span, "netpoll.deadline.left.ms")))
                .isBetween(1.0, 3_600_000.0);
        assertThat(attribute(span, "netpoll.deadline")).endsWith("Z");
        assertThat(span.getEvents()).isEmpty();
    }

    @Test
    void aDeadlineThatExpiresIsAnEventOfTheSpan() throws Exception {
        start(
                "--netpoll.deadlines.rules[0].path=/gate/**",
                "--netpoll.deadlines.rules[0].timeout=200ms");
        try (Wire client = Wire.to(port())) {
            assertThat(client.get("/gate/traced").status()).isEqualTo(503);
        }
        SpanData span = span("/gate");

        assertThat(span.getEvents()).extracting(EventData::getName).contains("deadline expired");
        assertThat(attribute(span, "cancel.cause")).isEqualTo("deadline-exceeded");
        assertThat(attribute(span, "netpoll.waiting.for")).isEqualTo("latch");
        assertThat(Double.parseDouble(attribute(span, "netpoll.deadline.left.ms"))).isZero();
    }

    @Test
    void aClientThatLeavesIsAnEventOfTheSpanAndReachesTheReceiver() throws Exception {
        start();
        Wire client = Wire.to(port()).get("/gate/traced");
        eventually(
                () -> Wire.get(port(), "/actuator/netpoll/connections?state=serving").body(),
                body -> body.contains("GET /gate/traced"));
        client.close();
        SpanData span = span("/gate");

        assertThat(span.getEvents()).extracting(EventData::getName).contains("client disconnected");
        assertThat(attribute(span, "cancel.cause")).isEqualTo("client-disconnected");
        eventually(
                () -> String.join("\n", received),
                sent ->
                        sent.contains("client disconnected")
                                && sent.contains("netpoll.wait.read.ms"));
    }

    @Test
    void aCancelThatReachesAJdbcCallIsAnEventOfTheSpanUnderWay() throws Exception {
        start();
        Tracer tracer = context.getBean(Tracer.class);
        var span = tracer.nextSpan().name("query").start();
        try (Tracer.SpanInScope _ = tracer.withSpan(span)) {
            context.getBean(JdbcTraces.class)
                    .cancelled(
                            new CancelReport(
                                    "execute",
                                    new CancelCause.ServerShuttingDown(),
                                    Duration.ofMillis(1),
                                    1,
                                    false));
        } finally {
            span.end();
        }
        assertThat(span("query").getEvents())
                .extracting(EventData::getName)
                .containsExactly("cancel reached JDBC: execute");
    }

    private void start(String... properties) {
        String[] all = Arrays.copyOf(properties, properties.length + 3);
        all[properties.length] = "--server.port=0";
        all[properties.length + 1] = "--management.endpoints.web.exposure.include=*";
        all[properties.length + 2] =
                "--test.receiver=http://127.0.0.1:"
                        + receiver.getAddress().getPort()
                        + "/v1/traces";
        context = SpringApplication.run(TracedApplication.class, all);
    }

    private int port() {
        return ObservedApplication.port(context);
    }

    private SpanData span(String path) throws Exception {
        return TracedApplication.span(context, path);
    }

    private static String attribute(SpanData span, String key) {
        @Nullable String value = span.getAttributes().get(AttributeKey.stringKey(key));
        assertThat(value).as("%s among %s", key, span.getAttributes()).isNotNull();
        return String.valueOf(value);
    }
}
