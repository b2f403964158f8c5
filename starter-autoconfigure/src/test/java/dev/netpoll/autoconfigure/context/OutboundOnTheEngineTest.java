// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.context.CancelCause;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** What requests call, and what Resilience4j does about it, ends with them. On the engine. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutboundOnTheEngineTest {

    private ConfigurableApplicationContext application;

    String[] properties() {
        return new String[0];
    }

    @BeforeAll
    void start() {
        application = OutboundApplication.run(properties());
    }

    @AfterAll
    void stop() {
        application.close();
    }

    @AfterEach
    void noRequestIsLeft() {
        RequestContexts contexts = application.getBean(RequestContexts.class);
        Bounded.until(() -> contexts.active() == 0, contexts::ended);
    }

    int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    Probes probes() {
        return application.getBean(Probes.class);
    }

    Answer get(String path) throws Exception {
        return WebClient.get(port(), path);
    }

    CircuitBreaker breaker() {
        return application.getBean(CircuitBreakerRegistry.class).circuitBreaker("breaker");
    }

    private static void assertExpired(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.body()).contains("deadline exceeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "template", "web"})
    void aDeadlineEndsTheCall(String way) throws Exception {
        String key =
                probes().keyOf(
                                "deadline-" + way,
                                k ->
                                        assertExpired(
                                                get(
                                                        "/call-with-deadline?way="
                                                                + way
                                                                + "&path=/hang/"
                                                                + k)));
        probes().await(key + ".gone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "template", "web"})
    void theServerCalledIsToldWhatTimeIsLeft(String way) throws Exception {
        Answer answer = get("/call-with-time?path=/ok&way=" + way);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(Long.parseLong(answer.body().trim()))
                .isPositive()
                .isLessThanOrEqualTo(3_600_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "template"})
    void anErrorOfTheServersIsTheServers(String way) throws Exception {
        assertThat(get("/told-apart?way=" + way).body()).contains("the server's: 503");
    }

    @Test
    void aTimeLimitersTaskIsStoppedByTheDeadline() throws Exception {
        String key = probes().keyOf("limited", k -> assertExpired(get("/limited?key=" + k)));
        assertThat(probes().await(key).toString()).startsWith("interrupted by ");
    }

    @Test
    void aRetryDoesNotPauseBeyondTheDeadline() throws Exception {
        assertThat(get("/retried?key=retried").body()).contains("its own");
        assertThat(probes().isTold("retried.second")).isFalse();
    }

    @Test
    void aBulkheadsPermitIsHeldUntilTheTaskHasReallyEnded() {
        var remote = application.getBean(OutboundApplication.Remote.class);
        var bulkhead = application.getBean(BulkheadRegistry.class).bulkhead("one");
        CompletableFuture<String> handedOut = remote.bulkheaded("stubborn");
        probes().await("stubborn.running");
        probes().await("stubborn.future", CompletableFuture.class).cancel(true);
        assertThat(handedOut).isCompletedExceptionally();
        assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isZero();
        probes().tell("stubborn.release", true);
        Bounded.until(
                () -> bulkhead.getMetrics().getAvailableConcurrentCalls() == 1,
                bulkhead::getMetrics);
    }

    @Test
    void aDeadlineIsAFailureToACircuitBreaker() throws Exception {
        probes().keyOf(
                        "broken-by-deadline",
                        key -> {
                            breaker().reset();
                            assertExpired(get("/broken-by-deadline?key=" + key));
                        });
        Bounded.until(
                () -> breaker().getMetrics().getNumberOfFailedCalls() == 1, breaker()::getMetrics);
    }

    // ---- what only the engine sees: a client that leaves while the handler runs

    @ParameterizedTest
    @ValueSource(strings = {"client", "template", "web"})
    void aClientThatLeavesEndsTheCall(String way) throws Exception {
        String key = "left-" + way;
        var client = new WebClient(port(), "/call?way=" + way + "&path=/hang/" + key);
        probes().await(key + ".running");
        client.close();
        probes().await(key + ".gone");
    }

    @Test
    void aClientThatLeavesIsNoFailureToACircuitBreaker() throws Exception {
        breaker().reset();
        RequestContexts contexts = application.getBean(RequestContexts.class);
        long before = contexts.ended().get(CancelCause.Kind.CLIENT_DISCONNECTED);
        var client = new WebClient(port(), "/broken?key=left-broken");
        probes().await("left-broken.running");
        client.close();
        Bounded.until(
                () -> contexts.ended().get(CancelCause.Kind.CLIENT_DISCONNECTED) > before,
                contexts::ended);
        assertThat(breaker().getMetrics().getNumberOfBufferedCalls()).isZero();
    }
}
