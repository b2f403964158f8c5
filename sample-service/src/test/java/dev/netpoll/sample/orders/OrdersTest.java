// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The order service on a real port and a real PostgreSQL. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "server.shutdown=immediate")
class OrdersTest {

    private static final Duration BOUND = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort private int port;

    @Autowired private Notifications notifications;

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .timeout(BOUND)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private String place(String json) throws IOException, InterruptedException {
        HttpResponse<String> placed = send("POST", "/orders", json);
        assertThat(placed.statusCode()).isEqualTo(201);
        return placed.body().replaceAll(".*\"id\":(\\d+).*", "$1");
    }

    @Test
    void anOrderIsPlacedReadAndRemoved() throws Exception {
        String id = place("{\"customer\":\"Ada\",\"items\":[\"tea\",\"milk\"]}");
        assertThat(send("GET", "/orders/" + id, "").body())
                .isEqualTo("{\"id\":" + id + ",\"customer\":\"Ada\",\"items\":[\"tea\",\"milk\"]}");
        assertThat(send("DELETE", "/orders/" + id, "").statusCode()).isEqualTo(204);
        assertThat(send("GET", "/orders/" + id, "").statusCode()).isEqualTo(404);
        assertThat(send("DELETE", "/orders/" + id, "").statusCode()).isEqualTo(404);
    }

    @Test
    void anOrderOfNothingIsRefused() throws Exception {
        assertThat(send("POST", "/orders", "{\"customer\":\"Ada\",\"items\":[]}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void theCustomerIsNotifiedBesideTheRequest() throws Exception {
        long before = notifications.tally().sent();
        place("{\"customer\":\"Ada\",\"items\":[\"tea\"]}");
        long giveUp = System.nanoTime() + BOUND.toNanos();
        while (notifications.tally().sent() == before && System.nanoTime() < giveUp) {
            Thread.onSpinWait();
        }
        assertThat(notifications.tally().sent()).isGreaterThan(before);
    }

    @Test
    void pricesAreAskedForOnceAnArticle() throws Exception {
        String id = place("{\"customer\":\"Ada\",\"items\":[\"tea\",\"milk\",\"tea\"]}");
        assertThat(send("GET", "/orders/" + id + "/prices", "").body())
                .isEqualTo("{\"tea\":103,\"milk\":104}");
    }

    @Test
    void theReportComesFromTheDatabase() throws Exception {
        assertThat(send("GET", "/orders/report?seconds=0.01", "").body())
                .endsWith("orders, counted slowly");
        assertThat(send("GET", "/orders/report/running", "").body()).isEqualTo("0");
    }

    @Test
    void aClientThatLeavesEndsItsReportInTheDatabase() throws Exception {
        try (Socket socket = new Socket("localhost", port)) {
            socket.getOutputStream()
                    .write(
                            "GET /orders/report?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            awaitReportsRunning("1");
        }
        awaitReportsRunning("0");
    }

    private void awaitReportsRunning(String expected) throws IOException, InterruptedException {
        long giveUp = System.nanoTime() + BOUND.toNanos();
        String running = "";
        while (!running.equals(expected) && System.nanoTime() < giveUp) {
            running = send("GET", "/orders/report/running", "").body();
        }
        assertThat(running).isEqualTo(expected);
    }
}
