// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import dev.netpoll.sample.SampleApplication;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The sample's traces, by Spring Boot's own starter for OpenTelemetry, at a receiver of OTLP. */
class TracesTest {

    private static final int BOUND_SECONDS = 60;

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private HttpServer receiver;
    private ConfigurableApplicationContext sample;

    @BeforeEach
    void listen() throws IOException {
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        receiver = HttpServer.create(any, 0);
        receiver.createContext(
                "/v1/traces",
                exchange -> {
                    try (exchange) {
                        // Protobuf leaves texts as they are.
                        byte[] body = exchange.getRequestBody().readAllBytes();
                        received.add(new String(body, StandardCharsets.ISO_8859_1));
                        exchange.sendResponseHeaders(200, -1);
                    }
                });
        receiver.start();
    }

    @AfterEach
    void close() {
        if (sample != null) {
            sample.close();
        }
        receiver.stop(0);
    }

    @Test
    void aDeadlineThatExpiredReachesTheCollectorWithItsSpan() throws Exception {
        sample =
                SpringApplication.run(
                        SampleApplication.class,
                        "--server.port=0",
                        "--server.shutdown=immediate",
                        "--management.tracing.sampling.probability=1",
                        "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                                + receiver.getAddress().getPort()
                                + "/v1/traces");
        String port = sample.getEnvironment().getProperty("local.server.port");
        HttpRequest report =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + port + "/orders/report?seconds=60"))
                        .header("x-request-timeout-ms", "500")
                        .build();

        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(report, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
        }

        assertThat(spansThatSay("/orders/report"))
                .contains("deadline expired")
                .contains("deadline-exceeded")
                .contains("netpoll.wait.read.ms")
                .contains("netpoll.deadline.left.ms")
                .contains("sample-service");
    }

    private String spansThatSay(String text) throws InterruptedException {
        StringBuilder all = new StringBuilder();
        while (all.indexOf(text) < 0) {
            String next = received.poll(BOUND_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("after %s", all).isNotNull();
            all.append(next);
        }
        return all.toString();
    }
}
