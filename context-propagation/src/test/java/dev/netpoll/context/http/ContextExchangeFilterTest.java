// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.micrometer.CancelContextAccessor;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import reactor.core.publisher.Mono;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** {@code WebClient}, on two connectors, against a server that does not do its part. */
class ContextExchangeFilterTest {

    private static final AtomicInteger VISITS = new AtomicInteger();
    private static final int BOUND_SECONDS = 30;
    private static StubServer server;

    enum Connector {
        REACTOR(ReactorClientHttpConnector::new),
        JDK(JdkClientHttpConnector::new);

        private final WebClient client;

        Connector(Supplier<ClientHttpConnector> connector) {
            client =
                    WebClient.builder()
                            .clientConnector(connector.get())
                            .filter(new ContextExchangeFilter(HttpSettings.DEFAULTS))
                            .build();
        }

        Mono<String> get(String target) {
            return client.get().uri(server.url(target)).retrieve().bodyToMono(String.class);
        }
    }

    @BeforeAll
    static void start() {
        server = new StubServer();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String unique(String path) {
        return path + "?" + VISITS.incrementAndGet();
    }

    private static Throwable failureOf(CompletableFuture<?> call) throws Exception {
        try {
            return new AssertionError(
                    "It has answered " + call.get(BOUND_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** WebClient wraps what ends a body. */
    private static Throwable endOf(CompletableFuture<?> call) throws Exception {
        Throwable failure = failureOf(call);
        return failure instanceof WebClientResponseException wrapped ? wrapped.getCause() : failure;
    }

    private static void cancelEnds(Connector connector, String path) throws Exception {
        String target = unique(path);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            CompletableFuture<String> call = scope.call(() -> connector.get(target).toFuture());
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(endOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
        server.visit(target).awaitGone();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelEndsAnExchangeTheServerDoesNotAnswer(Connector connector) throws Exception {
        cancelEnds(connector, "/silent");
    }

    @ParameterizedTest
    @EnumSource
    void aCancelEndsAnExchangeWhoseHeadIsNotWhole(Connector connector) throws Exception {
        cancelEnds(connector, "/half-head");
    }

    @ParameterizedTest
    @EnumSource
    void aCancelEndsAnExchangeWhoseBodyTrickles(Connector connector) throws Exception {
        String target = unique("/trickle");
        CountDownLatch reading = new CountDownLatch(1);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            CompletableFuture<Void> call =
                    scope.call(
                            () ->
                                    connector
                                            .client
                                            .get()
                                            .uri(server.url(target))
                                            .retrieve()
                                            .bodyToFlux(DataBuffer.class)
                                            .doOnNext(
                                                    buffer -> {
                                                        DataBufferUtils.release(buffer);
                                                        reading.countDown();
                                                    })
                                            .then()
                                            .toFuture());
            Bounded.await(reading);
            scope.cancel("enough");
            assertThat(endOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
        if (connector == Connector.REACTOR) {
            // The JDK's leaves the connection of a cancelled body open, whoever cancels it.
            server.visit(target).awaitGone();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineEndsAnExchange(Connector connector) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(200))) {
            String target = unique("/half-body");
            CompletableFuture<String> call = scope.call(() -> connector.get(target).toFuture());
            assertThat(endOf(call)).isInstanceOf(DeadlineExceededException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theContextInReactorsContextComesFirst(Connector connector) throws Exception {
        String target = unique("/silent");
        try (CancelScope scope = CancelContext.background().withCancel()) {
            CompletableFuture<String> call =
                    connector
                            .get(target)
                            .contextWrite(view -> view.put(CancelContextAccessor.KEY, scope))
                            .toFuture();
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noExchangeIsBegunUnderAnEndedContext(Connector connector) throws Exception {
        CancelScope scope = CancelContext.background().withCancel();
        scope.cancel("too late");
        CompletableFuture<String> call = scope.call(() -> connector.get(unique("/ok")).toFuture());
        assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
    }

    @ParameterizedTest
    @EnumSource
    void anExchangeThatIsAnsweredIsAnswered(Connector connector) throws Exception {
        String target = unique("/ok");
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofHours(1))) {
            CompletableFuture<String> call = scope.call(() -> connector.get(target).toFuture());
            assertThat(call.get(BOUND_SECONDS, TimeUnit.SECONDS)).isEqualTo("hello");
        }
        assertThat(Long.parseLong(server.visit(target).header("x-request-timeout-ms")))
                .isPositive()
                .isLessThanOrEqualTo(3_600_000);
    }

    @ParameterizedTest
    @EnumSource
    void theServersErrorsStayTheServers(Connector connector) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofHours(1))) {
            CompletableFuture<String> call =
                    scope.call(() -> connector.get(unique("/503")).toFuture());
            assertThat(failureOf(call))
                    .isInstanceOf(WebClientResponseException.ServiceUnavailable.class);
        }
    }

    @Test
    void withoutAContextNothingIsAdded() throws Exception {
        String target = unique("/ok");
        assertThat(Connector.JDK.get(target).toFuture().get(BOUND_SECONDS, TimeUnit.SECONDS))
                .isEqualTo("hello");
        assertThat(server.visit(target).header("x-request-timeout-ms")).isEmpty();
    }

    @Test
    void theKeyIsThatOfTheAccessor() {
        assertThat(ContextExchangeFilter.KEY).isEqualTo(CancelContextAccessor.KEY);
    }
}
