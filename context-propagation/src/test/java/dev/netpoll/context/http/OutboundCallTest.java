// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.InterruptShield;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Calls of every client, on both kinds of threads, to a server that does not do its part. */
class OutboundCallTest {

    private static final AtomicInteger VISITS = new AtomicInteger();
    private static StubServer server;

    @BeforeAll
    static void start() {
        server = new StubServer();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    enum On {
        VIRTUAL,
        PLATFORM;

        <T> FutureTask<T> fork(Callable<T> work) {
            FutureTask<T> task = new FutureTask<>(work);
            if (this == VIRTUAL) {
                Thread.ofVirtual().start(task);
            } else {
                Thread.ofPlatform().daemon().start(task);
            }
            return task;
        }
    }

    static Stream<Arguments> everyClientOnEveryThread() {
        return Arrays.stream(Clients.values())
                .flatMap(client -> Arrays.stream(On.values()).map(on -> Arguments.of(client, on)));
    }

    private static String unique(String path) {
        return path + "?" + VISITS.incrementAndGet();
    }

    private static RestClient rest(Clients client) {
        return RestClient.create(new RestTemplate(client.wrapped()));
    }

    private static String get(Clients client, String target) {
        return rest(client).get().uri(server.url(target)).retrieve().body(String.class);
    }

    private static Throwable failureOf(FutureTask<?> task) throws Exception {
        try {
            return new AssertionError("It has answered " + Bounded.get(task));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private static void cancelEnds(Clients client, On on, String path) throws Exception {
        String target = unique(path);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<String> call = on.fork(scope.wrap(() -> get(client, target)));
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
        if (client.dropsQuietConnections()) {
            server.visit(target).awaitGone();
        }
    }

    // ---- the cancel

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallTheServerDoesNotAnswer(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/silent");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallWhoseHeadIsNotWhole(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/half-head");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallWithoutABody(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/no-body");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallWhoseBodyIsNotWhole(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/half-body");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallWhoseBodyTrickles(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/trickle");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCancelEndsACallThatFailedAndWouldReadTheError(Clients client, On on) throws Exception {
        cancelEnds(client, on, "/error-without-body");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void noCallIsBegunUnderAnEndedContext(Clients client, On on) throws Exception {
        CancelScope scope = CancelContext.background().withCancel();
        scope.cancel("too late");
        FutureTask<String> call = on.fork(scope.wrap(() -> get(client, unique("/ok"))));
        assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aResponseThatIsClosedUnreadDoesNotWaitForItsRest(Clients client, On on) throws Exception {
        String target = unique("/half-body");
        try (CancelScope scope = CancelContext.background().withCancel()) {
            CountDownLatch closing = new CountDownLatch(1);
            FutureTask<Integer> call =
                    on.fork(
                            scope.wrap(
                                    () ->
                                            rest(client)
                                                    .get()
                                                    .uri(server.url(target))
                                                    .exchange(
                                                            (_, response) -> {
                                                                closing.countDown();
                                                                return response.getStatusCode()
                                                                        .value();
                                                            })));
            Bounded.await(closing);
            scope.cancel("enough");
            assertThat(Bounded.get(call)).isEqualTo(200);
        }
        if (client.dropsQuietConnections()) {
            server.visit(target).awaitGone();
        }
    }

    @Test
    void aCancelThatForestallsTheCloseGivesTheResponseUp() throws Exception {
        String target = unique("/half-body");
        AtomicInteger steps = new AtomicInteger();
        try (CancelScope scope = CancelContext.background().withCancel()) {
            // The first step is the call; the second, the close, loses to the cancel before it
            // begins.
            UnaryOperator<Runnable> carry =
                    step -> steps.incrementAndGet() == 1 ? step : () -> scope.cancel("enough");
            var factory =
                    ContextHttpRequestFactory.wrap(
                            Clients.APACHE.bare(), new HttpSettings(null, carry));
            FutureTask<Integer> call =
                    On.PLATFORM.fork(
                            scope.wrap(
                                    () ->
                                            RestClient.create(new RestTemplate(factory))
                                                    .get()
                                                    .uri(server.url(target))
                                                    .exchange(
                                                            (_, response) ->
                                                                    response.getStatusCode()
                                                                            .value())));
            assertThat(Bounded.get(call)).isEqualTo(200);
        }
        assertThat(steps).hasValue(2);
        server.visit(target).awaitGone();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelEndsAStreamThatFloodsItsReader(Clients client) throws Exception {
        String target = unique("/flood");
        CountDownLatch reading = new CountDownLatch(1);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<Long> call =
                    On.VIRTUAL.fork(
                            scope.wrap(
                                    () ->
                                            rest(client)
                                                    .get()
                                                    .uri(server.url(target))
                                                    .exchange(
                                                            (_, r) ->
                                                                    count(r.getBody(), reading))));
            Bounded.await(reading);
            scope.cancel("enough");
            assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
        if (client != Clients.APACHE && client != Clients.SIMPLE) {
            // Those two would read to the end first, which a flood does not let them see.
            server.visit(target).awaitGone();
        }
    }

    private static long count(InputStream in, CountDownLatch reading) throws IOException {
        long count = 0;
        byte[] chunk = new byte[1_000];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            count += read;
            reading.countDown();
        }
        return count;
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aShieldAgainstInterruptsDoesNotKeepACallAlive(Clients client, On on) throws Exception {
        String target = unique("/silent");
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<String> call =
                    on.fork(
                            scope.wrap(
                                    () -> {
                                        try (InterruptScope _ = InterruptScope.open(scope);
                                                InterruptShield _ = InterruptShield.open()) {
                                            return get(client, target);
                                        }
                                    }));
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theEndOfAnotherContextOnTheThreadIsNotThisCallsEnd(Clients client, On on)
            throws Exception {
        CancelScope outer = CancelContext.background().withCancel();
        FutureTask<String> call =
                on.fork(
                        outer.wrap(
                                () -> {
                                    try (InterruptScope _ = InterruptScope.open(outer)) {
                                        outer.cancel("the request is over");
                                        return CancelContext.background()
                                                .call(() -> get(client, unique("/ok")));
                                    }
                                }));
        assertThat(Bounded.get(call)).isEqualTo("hello");
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theThreadIsNotInterruptedAfterwards(Clients client, On on) throws Exception {
        String target = unique("/half-body");
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<Boolean> call =
                    on.fork(
                            () -> {
                                try {
                                    scope.call(() -> get(client, target));
                                } catch (CancelledException e) {
                                    return Thread.currentThread().isInterrupted();
                                }
                                throw new AssertionError("not cancelled");
                            });
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(Bounded.get(call)).isFalse();
        }
    }

    // ---- the deadline

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theDeadlineEndsACallTheServerDoesNotAnswer(Clients client, On on) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(200))) {
            FutureTask<String> call = on.fork(scope.wrap(() -> get(client, unique("/silent"))));
            assertThat(failureOf(call)).isInstanceOf(DeadlineExceededException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theDeadlineEndsACallWhoseBodyTrickles(Clients client, On on) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(500))) {
            FutureTask<String> call = on.fork(scope.wrap(() -> get(client, unique("/trickle"))));
            assertThat(failureOf(call)).isInstanceOf(DeadlineExceededException.class);
        }
    }

    /** The kernel drops what does not fit into the listener's queue, as a firewall would. */
    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theDeadlineEndsACallThatCannotConnect(Clients client, On on) throws Exception {
        List<SocketChannel> fillers = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 4; i++) {
                SocketChannel filler = SocketChannel.open();
                filler.configureBlocking(false);
                filler.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
                fillers.add(filler);
            }
            String url = "http://127.0.0.1:" + full.getLocalPort() + "/";
            try (CancelScope scope =
                    CancelContext.background().withTimeout(Duration.ofMillis(200))) {
                FutureTask<String> call =
                        on.fork(
                                scope.wrap(
                                        () ->
                                                rest(client)
                                                        .get()
                                                        .uri(url)
                                                        .retrieve()
                                                        .body(String.class)));
                assertThat(failureOf(call)).isInstanceOf(DeadlineExceededException.class);
            }
        } finally {
            for (SocketChannel filler : fillers) {
                filler.close();
            }
        }
    }

    // ---- what is none of ours

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aCallThatIsAnsweredIsAnswered(Clients client, On on) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofHours(1))) {
            String target = unique("/ok");
            FutureTask<String> call = on.fork(scope.wrap(() -> get(client, target)));
            assertThat(Bounded.get(call)).isEqualTo("hello");
            assertThat(Long.parseLong(server.visit(target).header("x-request-timeout-ms")))
                    .isPositive()
                    .isLessThanOrEqualTo(3_600_000);
        }
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void withoutAContextNothingIsAdded(Clients client, On on) throws Exception {
        String target = unique("/ok");
        assertThat(Bounded.get(on.fork(() -> get(client, target)))).isEqualTo("hello");
        assertThat(server.visit(target).header("x-request-timeout-ms")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void theServersErrorsStayTheServers(Clients client, On on) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofHours(1))) {
            for (String path : List.of("/503", "/504", "/problem")) {
                FutureTask<String> call = on.fork(scope.wrap(() -> get(client, unique(path))));
                assertThat(failureOf(call)).isInstanceOf(HttpServerErrorException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyClientOnEveryThread")
    void aResetIsAFailureOfTheServer(Clients client, On on) throws Exception {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofHours(1))) {
            FutureTask<String> call = on.fork(scope.wrap(() -> get(client, unique("/reset"))));
            assertThat(failureOf(call)).isInstanceOf(ResourceAccessException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeadlineOfTheServersIsToldApart(Clients client) {
        CancelContext.background()
                .run(
                        () -> {
                            assertThat(toldBy(client, "/problem")).isTrue();
                            assertThat(toldBy(client, "/504")).isTrue();
                            assertThat(toldBy(client, "/503")).isFalse();
                        });
    }

    private static boolean toldBy(Clients client, String path) {
        try {
            throw new AssertionError(get(client, unique(path)));
        } catch (HttpServerErrorException e) {
            return DownstreamDeadline.isToldBy(e);
        }
    }

    @Test
    void aBodyThatIsPromisedCompressedAndDoesNotComeHoldsNobody() throws Exception {
        var jdk = new org.springframework.http.client.JdkClientHttpRequestFactory();
        jdk.enableCompression(true);
        RestClient client =
                RestClient.builder().requestFactory(ContextHttpRequestFactory.wrap(jdk)).build();
        String target = unique("/gzip");
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<String> call =
                    On.VIRTUAL.fork(
                            scope.wrap(
                                    () ->
                                            client.get()
                                                    .uri(server.url(target))
                                                    .retrieve()
                                                    .body(String.class)));
            server.visit(target).awaitMisbehaving();
            scope.cancel("enough");
            assertThat(failureOf(call)).isExactlyInstanceOf(CancelledException.class);
        }
        server.visit(target).awaitGone();
    }

    @Test
    void somebodyElsesInterruptIsNoCancel() throws Exception {
        for (Clients client : Clients.values()) {
            String target = unique("/silent");
            FutureTask<String> call =
                    new FutureTask<>(CancelContext.background().wrap(() -> get(client, target)));
            Thread thread = Thread.ofVirtual().start(call);
            server.visit(target).awaitMisbehaving();
            thread.interrupt();
            assertThat(failureOf(call)).isInstanceOf(ResourceAccessException.class);
        }
    }

    @Test
    void aFactoryIsWrappedOnce() {
        var once = ContextHttpRequestFactory.wrap(Clients.JDK.bare());
        assertThat(ContextHttpRequestFactory.wrap(once)).isSameAs(once);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new HttpSettings(" ", r -> r));
    }
}
