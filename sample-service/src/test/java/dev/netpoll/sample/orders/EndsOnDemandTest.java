// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.test.ContextEnds;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.client.RestClient;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Deadlines and cancels that come when the test says so: what docs/testing.md shows. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "server.shutdown=immediate")
@AutoConfigureMockMvc
class EndsOnDemandTest {

    private static final AtomicReference<Consumer<CancelContext>> END = new AtomicReference<>();

    private final ManualRuntime time = new ManualRuntime();

    @LocalServerPort private int port;

    @Autowired private MockMvc mvc;

    @TestConfiguration(proxyBeanMethods = false)
    static class Stubs {

        /** Prices that are there at once, and end their request. */
        @Bean
        @Primary
        Prices endingPrices(RestClient.Builder builder, PriceService service) {
            return new Prices(builder, service) {
                @Override
                Map<String, Long> of(List<String> skus, long delayMs) {
                    END.get().accept(CancelContext.current());
                    CancelContext.current().throwIfCancelled();
                    return Map.of();
                }
            };
        }
    }

    private HttpResponse<String> send(String path, String timeoutMillis) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                            .timeout(Duration.ofSeconds(30))
                            .header("x-request-timeout-ms", timeoutMillis)
                            .build();
            return client.send(request, BodyHandlers.ofString());
        }
    }

    private String anOrder() throws Exception {
        String placed =
                mvc.perform(
                                post("/orders")
                                        .contentType("application/json")
                                        .content("{\"customer\":\"Ada\",\"items\":[\"tea\"]}"))
                        .andExpect(status().isCreated())
                        .andReturn()
                        .getResponse()
                        .getContentAsString();
        return placed.replaceAll(".*\"id\":(\\d+).*", "$1");
    }

    @Test
    void aMockedRequestHasAContextThatNothingEnds() throws Exception {
        AtomicReference<CancelContext> seen = new AtomicReference<>();
        END.set(seen::set);
        mvc.perform(get("/orders/" + anOrder() + "/prices")).andExpect(status().isOk());
        assertThat(seen.get().deadline()).isNull();
        assertThat(seen.get().isCancelled()).as("after the request").isTrue();
    }

    @Test
    void aMockedRequestRunsInTheContextThatTheTestHasBound() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2))) {
            time.advance(Duration.ofSeconds(2));
            assertThatThrownBy(() -> scope.call(() -> mvc.perform(get("/orders/report"))))
                    .hasStackTraceContaining(DeadlineExceededException.class.getName());
        }
        assertThat(time.pending()).isZero();
    }

    @Test
    void aDeadlineThatHasPassedIsAnsweredBeforeAnythingIsDone() throws Exception {
        HttpResponse<String> answer = send("/orders/report?seconds=60", "0");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("deadline exceeded");
    }

    @Test
    void aRequestExpiresWhereItsStubSaysSo() throws Exception {
        END.set(ContextEnds::expire);
        HttpResponse<String> answer = send("/orders/" + anOrder() + "/prices", "600000");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("deadline exceeded");
    }

    @Test
    void aShutdownComesWhereItsStubSaysSo() throws Exception {
        END.set(ContextEnds::shutDown);
        HttpResponse<String> answer = send("/orders/" + anOrder() + "/prices", "600000");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("shutting down");
    }

    @Test
    void theFirstEndIsTheOneThatCounts() throws Exception {
        END.set(
                context -> {
                    assertThat(ContextEnds.disconnect(context)).isTrue();
                    assertThat(ContextEnds.expire(context)).isFalse();
                });
        String order = anOrder();
        try (CancelScope scope = CancelContext.background().withCancel()) {
            assertThatThrownBy(
                            () ->
                                    scope.call(
                                            () -> mvc.perform(get("/orders/" + order + "/prices"))))
                    .hasStackTraceContaining("client");
        }
    }
}
