// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.http.HttpCancelReport.Stage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

import reactor.core.Disposable;
import reactor.core.publisher.Flux;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Who is told of calls that their context's end has cut short, and of which. */
class HttpCancelListenerTest {

    private final List<HttpCancelReport> reports = new CopyOnWriteArrayList<>();
    private final List<Thread> tellers = new CopyOnWriteArrayList<>();
    private StubServer server;

    @BeforeEach
    void start() {
        server = new StubServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void tell(HttpCancelReport report) {
        tellers.add(Thread.currentThread());
        reports.add(report);
    }

    private HttpSettings telling(HttpCancelListener listener) {
        return new HttpSettings(null, UnaryOperator.identity(), listener);
    }

    private RestClient client(Clients client) {
        return RestClient.builder()
                .requestFactory(ContextHttpRequestFactory.wrap(client.bare(), telling(this::tell)))
                .build();
    }

    private String get(RestClient client, String target) {
        return client.get().uri(server.url(target)).retrieve().body(String.class);
    }

    private void cancelOnceItMisbehaves(CancelScope scope, String target) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            server.visit(target).awaitMisbehaving();
                            scope.cancel("no longer wanted");
                        });
    }

    private void assertReport(Stage stage) {
        HttpCancelReport report = reports.getFirst();
        assertThat(reports).hasSize(1);
        assertThat(report.method()).isEqualTo("GET");
        assertThat(report.host()).isEqualTo("127.0.0.1");
        assertThat(report.stage()).isEqualTo(stage);
        assertThat(report.cause().message()).isEqualTo("no longer wanted");
        assertThat(report.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @EnumSource(Clients.class)
    void isToldOfAnExchangeOnItsOwnThreadBeforeItsCallerKnows(Clients client) {
        try (CancelScope scope = CancelContext.background().withCancel()) {
            cancelOnceItMisbehaves(scope, "/silent?secret=1");
            scope.run(
                    () ->
                            assertThatExceptionOfType(CancelledException.class)
                                    .isThrownBy(() -> get(client(client), "/silent?secret=1")));
        }
        assertReport(Stage.EXCHANGE);
        assertThat(tellers).containsExactly(Thread.currentThread());
    }

    @ParameterizedTest
    @EnumSource(Clients.class)
    void isToldOfABodyOnce(Clients client) {
        try (CancelScope scope = CancelContext.background().withCancel()) {
            scope.run(
                    () ->
                            assertThatExceptionOfType(CancelledException.class)
                                    .isThrownBy(() -> trickle(client(client), scope)));
        }
        assertReport(Stage.BODY);
        assertThat(tellers).containsExactly(Thread.currentThread());
    }

    private void trickle(RestClient client, CancelScope scope) {
        var _ =
                client.get()
                        .uri(server.url("/trickle?secret=1"))
                        .exchange((_, response) -> readOn(response.getBody(), scope));
    }

    /** Whoever reads on after the end fails again, and the listener is not told again. */
    private static boolean readOn(InputStream body, CancelScope scope) throws IOException {
        assertThat(body.read()).isEqualTo('x');
        Thread.ofVirtual().start(() -> scope.cancel("no longer wanted"));
        try {
            body.readAllBytes();
            throw new AssertionError("It has an end");
        } catch (CancelledException e) {
            return body.read() >= 0;
        }
    }

    @Test
    void isToldOfAWebClientsExchange() {
        WebClient web = webClient(this::tell);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            cancelOnceItMisbehaves(scope, "/silent?secret=1");
            scope.run(
                    () ->
                            assertThatExceptionOfType(CancelledException.class)
                                    .isThrownBy(() -> body(web, "/silent?secret=1").blockLast()));
        }
        assertReport(Stage.EXCHANGE);
    }

    @Test
    void isToldOfAWebClientsBody() {
        WebClient web = webClient(this::tell);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            scope.run(
                    () ->
                            assertThatExceptionOfType(WebClientResponseException.class)
                                    .isThrownBy(
                                            () ->
                                                    body(web, "/trickle?secret=1")
                                                            .doOnNext(_ -> cancel(scope))
                                                            .blockLast()));
        }
        assertReport(Stage.BODY);
    }

    private static void cancel(CancelScope scope) {
        scope.cancel("no longer wanted");
    }

    /** As a blocked thread does that is interrupted. */
    @Test
    void isToldWhenTheCallerCancelsAWebClientsCallBecauseOfTheEnd() {
        try (CancelScope scope = CancelContext.background().withCancel()) {
            Disposable call =
                    scope.call(() -> body(webClient(this::tell), "/silent?secret=1").subscribe());
            server.visit("/silent?secret=1").awaitMisbehaving();
            scope.onCancelInline(_ -> call.dispose());
            cancel(scope);
        }
        assertReport(Stage.EXCHANGE);
    }

    @Test
    void isNotToldWhenTheCallerHasHadEnough() {
        try (CancelScope scope = CancelContext.background().withCancel()) {
            scope.run(() -> body(webClient(this::tell), "/trickle?secret=1").blockFirst());
        }
        assertThat(reports).isEmpty();
    }

    private WebClient webClient(HttpCancelListener listener) {
        return WebClient.builder().filter(new ContextExchangeFilter(telling(listener))).build();
    }

    private Flux<Integer> body(WebClient web, String target) {
        return web.get()
                .uri(server.url(target))
                .retrieve()
                .bodyToFlux(DataBuffer.class)
                .map(HttpCancelListenerTest::size);
    }

    private static int size(DataBuffer buffer) {
        int size = buffer.readableByteCount();
        DataBufferUtils.release(buffer);
        return size;
    }

    @Test
    void aWebClientsCallIsToldToTheListenerOfTheThreadThatBeganIt() {
        HttpCancelListener listener =
                new HttpCancelListener() {
                    @Override
                    public void cancelled(HttpCancelReport report) {
                        throw new AssertionError("Not bound");
                    }

                    @Override
                    public HttpCancelListener boundHere() {
                        tellers.add(Thread.currentThread());
                        return reports::add;
                    }
                };
        WebClient web = webClient(listener);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            cancelOnceItMisbehaves(scope, "/silent?secret=1");
            scope.run(
                    () ->
                            assertThatExceptionOfType(CancelledException.class)
                                    .isThrownBy(() -> body(web, "/silent?secret=1").blockLast()));
        }
        assertReport(Stage.EXCHANGE);
        assertThat(tellers).containsExactly(Thread.currentThread());
    }

    @Test
    void isToldNothingOfCallsThatAreAnsweredNorOfThoseThatAreNotBegun() {
        CancelScope ended = CancelContext.background().withCancel();
        ended.cancel("before");
        RestClient client = client(Clients.JDK);
        ended.run(
                () ->
                        assertThatExceptionOfType(CancelledException.class)
                                .isThrownBy(() -> get(client, "/ok?0")));
        try (CancelScope scope = CancelContext.background().withCancel()) {
            scope.run(() -> assertThat(get(client, "/ok?1")).isEqualTo("hello"));
        }
        assertThat(reports).isEmpty();
    }
}
