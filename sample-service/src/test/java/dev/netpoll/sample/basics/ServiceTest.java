// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.junit.jupiter.api.AfterEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The service on a real port, and a client that gives up after a bound. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "sample.files.large-size=" + ServiceTest.LARGE_BYTES + "B",
            // A stream whose client left lasts until its next event: nothing to wait for here.
            "server.shutdown=immediate"
        })
abstract class ServiceTest {

    static final int LARGE_BYTES = 1_000_001;

    static final Duration BOUND = Duration.ofSeconds(30);

    final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort private int port;

    @AfterEach
    void closeTheClient() {
        client.shutdownNow();
    }

    final URI uri(String scheme, String path) {
        return URI.create(scheme + "://localhost:" + port + path);
    }

    final HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri("http", path)).timeout(BOUND);
    }

    final HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }
}
