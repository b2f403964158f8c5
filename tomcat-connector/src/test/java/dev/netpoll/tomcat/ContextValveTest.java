// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.DeadlineHeaders;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Requests have contexts, and when a context ends its request does. */
class ContextValveTest {

    private static RequestContexts contexts(UnaryOperator<RequestSettings> change) {
        return new RequestContexts(change.apply(RequestSettings.defaults()));
    }

    /** What the tests are run on; over TLS in a class of its own. */
    ConnectorUnderTest subject() {
        return NetpollContractTest.NETPOLL;
    }

    private TestServer start(RequestContexts contexts, Handler handler) throws Exception {
        return TestServer.on(subject().protocol())
                .connector(subject()::tune)
                .clientsOver(subject().tls())
                .handle("/*", handler)
                .context(first(contexts))
                .start();
    }

    /** Makes the valve the first of the engine's, as the starter does. */
    static Consumer<Context> first(RequestContexts contexts) {
        return context ->
                context.getParent().getParent().getPipeline().addValve(new ContextValve(contexts));
    }

    private static Duration limit(HttpServletRequest request) {
        return Duration.ofMillis(50);
    }

    /** A handler that heeds nothing. */
    private static void spinUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Runs {@code then} on a thread of its own, after the deadline. */
    private static void whenLate(CancelContext context, Runnable then) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            Bounded.until(context::isDeadlineExceeded, context::toString);
                            then.run();
                        });
    }

    @Test
    void everyHandlerHasACurrentContextThatEndsWithTheRequest() throws Exception {
        var seen = new CompletableFuture<CancelContext>();
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            seen.complete(CancelContext.current());
                            response.getOutputStream().print("ok");
                        })) {
            assertThat(server.get("/").text()).isEqualTo("ok");
            CancelContext context = Bounded.value(seen);
            Bounded.until(context::isCancelled, context::toString);
            assertThat(context.cause()).isInstanceOf(CancelCause.Completed.class);
            Bounded.until(() -> contexts.active() == 0, contexts::active);
        }
    }

    @Test
    void whoLeavesWithTheWholeResponseInHandHasNotLeftTheHandler() throws Exception {
        var gone = new CountDownLatch(1);
        var seen = new CompletableFuture<CancelContext>();
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            NetpollConnection connection =
                                    ConnectionProcessing.current().getSocket();
                            response.setContentLength(2);
                            response.getOutputStream().print("ok");
                            Bounded.until(connection::peerClosed, connection::toString);
                            // What the loop started for it is done when another such thing is.
                            gone.countDown();
                            seen.complete(CancelContext.current());
                        })) {
            assertThat(server.get("/").text()).isEqualTo("ok");
            Bounded.await(gone);
            CancelContext context = Bounded.value(seen);
            Bounded.until(context::isCancelled, context::toString);
            assertThat(context.cause()).isInstanceOf(CancelCause.Completed.class);
            Bounded.until(() -> contexts.active() == 0, contexts::active);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.CLIENT_DISCONNECTED, 0L);
        }
    }

    @Test
    void aHandlerThatHeedsItsDeadlineAnswersProblemDetails() throws Exception {
        var thrown = new CompletableFuture<Throwable>();
        RequestContexts contexts = contexts(s -> s.withDeadlines(ContextValveTest::limit));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            try {
                                CancelContext.current().sleep(Duration.ofSeconds(30));
                            } catch (DeadlineExceededException | InterruptedException e) {
                                thrown.complete(e);
                            }
                        })) {
            RawResponse response = server.get("/slow");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.header("Content-Type")).startsWith("application/problem+json");
            assertThat(response.text()).contains("deadline exceeded");
            assertThat(Bounded.value(thrown)).isNotNull();
        }
    }

    @Test
    void aHandlerThatIgnoresEverythingIsAnsweredFor() throws Exception {
        var release = new AtomicBoolean();
        var left = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s.withDeadlines(ContextValveTest::limit));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            spinUntil(release::get);
                            response.getOutputStream().print("success, too late");
                            left.countDown();
                        })) {
            try (RawClient client = server.connect()) {
                RawResponse response = client.get("/spin").receive();
                assertThat(response.status()).isEqualTo(503);
                assertThat(response.text()).contains("deadline exceeded");
                assertThat(client.awaitEnd().rest()).isZero();
            } finally {
                release.set(true);
            }
            Bounded.await(left);
            // Counted by the thread that answers, after the client has the answer.
            Bounded.until(() -> contexts.hardDeadlines() == 1, contexts::hardDeadlines);
        }
    }

    /** The handler ends about when its grace does, earlier and later by turns: two threads would answer. */
    @Test
    void aHandlerThatEndsTogetherWithItsGraceIsAnsweredForOnce() throws Exception {
        Duration limit = Duration.ofMillis(2);
        Duration grace = Duration.ofMillis(1);
        int rounds = 1_000;
        var round = new AtomicInteger();
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(_ -> limit)
                                        .withHardGrace(grace)
                                        .withInterrupts(InterruptPolicy.NEVER));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            spinUntil(CancelContext.current()::isCancelled);
                            long later = round.get() % 100 * 10_000L;
                            long end = System.nanoTime() + grace.toNanos() + later;
                            spinUntil(() -> System.nanoTime() - end >= 0);
                            response.getOutputStream().print("success, too late");
                        })) {
            while (round.incrementAndGet() <= rounds) {
                RawResponse response = server.get("/");
                assertThat(response.status()).isEqualTo(503);
                assertThat(response.text()).contains("deadline exceeded");
            }
        }
    }

    @Test
    void aSuccessThatComesAfterTheDeadlineNeverLeaves() throws Exception {
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(ContextValveTest::limit)
                                        .withInterrupts(InterruptPolicy.NEVER)
                                        .withHardGrace(Duration.ofHours(1)));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            spinUntil(CancelContext.current()::isDeadlineExceeded);
                            response.getOutputStream().print("success, too late");
                            response.flushBuffer();
                        })) {
            RawResponse response = server.get("/late");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.text()).contains("deadline exceeded");
        }
    }

    @Test
    void anAsynchronousSuccessThatComesAfterTheDeadlineNeverLeaves() throws Exception {
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(ContextValveTest::limit)
                                        .withHardGrace(Duration.ofHours(1)));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            CancelContext context = CancelContext.current();
                            AsyncContext async = request.startAsync();
                            whenLate(
                                    context,
                                    () -> {
                                        print(async, "success, too late");
                                        async.complete();
                                    });
                        })) {
            RawResponse response = server.get("/late");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.text()).contains("deadline exceeded");
            Bounded.until(() -> contexts.active() == 0, contexts::active);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.DEADLINE_EXCEEDED, 1L);
        }
    }

    private static void print(AsyncContext async, String text) {
        try {
            async.getResponse().getOutputStream().print(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCommittedResponseThatRunsOutOfTimeIsCutAndNeverLooksWhole() throws Exception {
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    response.getOutputStream().print("first");
                                    response.flushBuffer();
                                    // Not before: what is late has no first byte.
                                    Objects.requireNonNull(RequestContext.of(request))
                                            .tighten(limit(request));
                                    try {
                                        CancelContext.current().sleep(Duration.ofSeconds(30));
                                    } catch (CancelledException | InterruptedException e) {
                                        response.getOutputStream().print("last");
                                    }
                                });
                RawClient client = server.connect()) {
            RawResponse head = client.get("/stream").receiveHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.chunked()).isTrue();
            byte[] rest = readToEnd(client);
            assertThat(new String(rest)).contains("first").doesNotContain("last");
            assertThat(new String(rest)).doesNotEndWith("0\r\n\r\n");
        }
    }

    /** Here nothing but its own completion ends it: the hard grace is an hour. */
    @Test
    void aCommittedAsynchronousResponseThatRunsOutOfTimeIsCutToo() throws Exception {
        RequestContexts contexts = contexts(s -> s.withHardGrace(Duration.ofHours(1)));
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    AsyncContext async = request.startAsync();
                                    print(async, "first");
                                    response.flushBuffer();
                                    RequestContext scope =
                                            Objects.requireNonNull(RequestContext.of(request));
                                    scope.tighten(limit(request));
                                    CancelContext context = scope.context();
                                    whenLate(context, async::complete);
                                });
                RawClient client = server.connect()) {
            RawResponse head = client.get("/stream").receiveHead();
            assertThat(head.status()).isEqualTo(200);
            String rest = new String(readToEnd(client));
            assertThat(rest).contains("first").doesNotEndWith("0\r\n\r\n");
            Bounded.until(() -> contexts.active() == 0, contexts::active);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.DEADLINE_EXCEEDED, 1L);
        }
    }

    private static byte[] readToEnd(RawClient client) {
        var bytes = new java.io.ByteArrayOutputStream();
        try {
            client.in().transferTo(bytes);
        } catch (IOException e) {
            // A reset is as good an end.
        }
        return bytes.toByteArray();
    }

    @Test
    void aClientThatClosesCancelsItsRequest() throws Exception {
        leavingCancels(RawClient::close, CancelCause.ClientDisconnected.How.FIN);
    }

    @Test
    void aClientThatResetsCancelsItsRequest() throws Exception {
        leavingCancels(RawClient::reset, CancelCause.ClientDisconnected.How.RST);
    }

    private interface Leaving {
        void leave(RawClient client) throws IOException;
    }

    private void leavingCancels(Leaving leaving, CancelCause.ClientDisconnected.How how)
            throws Exception {
        var entered = new CountDownLatch(1);
        var cause = new CompletableFuture<CancelCause>();
        // It leaves so soon that by default it would be taken for one that only stops sending.
        RequestContexts contexts = contexts(s -> s.withHalfClose(Duration.ZERO));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            CancelContext context = CancelContext.current();
                            entered.countDown();
                            try {
                                cause.complete(context.awaitCancelled());
                            } catch (InterruptedException e) {
                                cause.complete(context.cause());
                            }
                        })) {
            RawClient client = server.connect().get("/wait");
            Bounded.await(entered);
            leaving.leave(client);
            assertThat(Bounded.value(cause))
                    .isInstanceOfSatisfying(
                            CancelCause.ClientDisconnected.class,
                            c -> assertThat(c.how()).isEqualTo(how));
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.CLIENT_DISCONNECTED, 1L);
        }
    }

    /** A leaver has no deadline, and nothing was answered in its handler's stead. */
    @Test
    void aClientThatLeavesIsNoHardDeadline() throws Exception {
        var entered = new CountDownLatch(1);
        var release = new AtomicBoolean();
        var cancelled = new CountDownLatch(1);
        RequestContexts contexts =
                contexts(s -> s.withHalfClose(Duration.ZERO).withHardGrace(Duration.ZERO));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            entered.countDown();
                            spinUntil(CancelContext.current()::isCancelled);
                            // What comes after the grace comes after this, on the same timer.
                            ContextRuntime runtime = ContextRuntime.system();
                            runtime.schedule(
                                    runtime.nanoTime() + 1,
                                    () -> runtime.start(cancelled::countDown));
                            spinUntil(release::get);
                        })) {
            RawClient client = server.connect().get("/leave");
            Bounded.await(entered);
            client.close();
            Bounded.await(cancelled);
            release.set(true);
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.CLIENT_DISCONNECTED, 1L);
            assertThat(contexts.hardDeadlines()).isZero();
            assertThat(contexts.hardCancels()).isZero();
        }
    }

    /** As {@code nc -N} does, and some probes and proxies. */
    @Test
    void aFinThatComesWithTheRequestIsNoLeaving() throws Exception {
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server = start(contexts, ContextValveTest::sleep5)) {
            for (int i = 0; i < 100; i++) {
                try (RawClient client = server.client()) {
                    client.send(RawClient.text("GET", "/sleep").repeat(2));
                    client.halfClose();
                    // On a machine without time for 5 ms within 10 it is asked before.
                    assertThat(client.receiveFinal().text()).isEqualTo("slept");
                    assertThat(client.receiveFinal().text()).isEqualTo("slept");
                    assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
                }
            }
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.COMPLETED, 200L);
        }
    }

    private static void sleep5(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        try {
            CancelContext.current().sleep(Duration.ofMillis(5));
            ServerContract.text(response, "slept");
        } catch (InterruptedException e) {
            ServerContract.text(response, "interrupted");
        }
    }

    /** Gone with its request, too soon to be told from one that waits: it is asked, and resets. */
    @Test
    void aClientThatLeavesAtOnceCancelsItsRequestWhenItIsAsked() throws Exception {
        var cause = new CompletableFuture<CancelCause>();
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            CancelContext context = CancelContext.current();
                            try {
                                cause.complete(context.awaitCancelled());
                            } catch (InterruptedException e) {
                                cause.complete(context.cause());
                            }
                        })) {
            server.connect().get("/wait").close();
            assertThat(Bounded.value(cause)).isInstanceOf(CancelCause.ClientDisconnected.class);
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
        }
    }

    /** It waits for longer than it is trusted without being asked, and then has its response. */
    @Test
    void aClientThatOnlyStoppedSendingIsAskedAndServed() throws Exception {
        var release = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    Bounded.await(release);
                                    ServerContract.text(response, "served");
                                });
                RawClient client = server.connect()) {
            client.get("/");
            client.halfClose();
            assertThat(client.receiveHead().status()).isEqualTo(100);
            release.countDown();
            assertThat(client.receive().text()).isEqualTo("served");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
            assertThat(contexts.ended()).containsEntry(CancelCause.Kind.COMPLETED, 1L);
        }
    }

    /** Its context is cancelled, and still it can read what its handler returns, and the one behind. */
    @Test
    void aClientThatStopsSendingLaterStillReadsWhatItsHandlerReturns() throws Exception {
        var entered = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s.withHalfClose(Duration.ZERO));
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    if (request.getRequestURI().equals("/first")) {
                                        entered.countDown();
                                        spinUntil(CancelContext.current()::isCancelled);
                                    }
                                    ServerContract.text(response, request.getRequestURI());
                                });
                RawClient client = server.connect()) {
            client.send(RawClient.text("GET", "/first") + RawClient.text("GET", "/second"));
            Bounded.await(entered);
            client.halfClose();
            assertThat(client.receive().text()).isEqualTo("/first");
            assertThat(client.receive().text()).isEqualTo("/second");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
            Bounded.until(() -> contexts.active() == 0, contexts::ended);
            // The second may have ended before the loop tells it.
            assertThat(contexts.ended().get(CancelCause.Kind.CLIENT_DISCONNECTED)).isPositive();
        }
    }

    @Test
    void aHandlerThatFailsBecauseItsClientStoppedSendingAnswersThat() throws Exception {
        var entered = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s.withHalfClose(Duration.ZERO));
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    entered.countDown();
                                    spinUntil(CancelContext.current()::isCancelled);
                                    Objects.requireNonNull(RequestContext.of(request)).giveUp();
                                });
                RawClient client = server.connect()) {
            client.get("/");
            Bounded.await(entered);
            client.halfClose();
            RawResponse response = client.receive();
            assertThat(response.status()).isEqualTo(499);
            assertThat(response.header("Content-Type")).startsWith("application/problem+json");
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        }
    }

    /** The body's end comes late and with the FIN: the bytes are read, and no deadline is in the way. */
    @Test
    void aBodyWhoseEndComesWithTheFinIsRead() throws Exception {
        var entered = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    request.getInputStream().read();
                                    entered.countDown();
                                    byte[] rest = request.getInputStream().readAllBytes();
                                    ServerContract.text(response, "1 and " + rest.length);
                                });
                RawClient client = server.connect()) {
            client.request("POST", "/", "Content-Length: 1001").send("x");
            Bounded.await(entered);
            client.send(Payload.bytes(1000));
            client.halfClose();
            assertThat(client.receive().text()).isEqualTo("1 and 1000");
        }
    }

    /** The pair: a fast response, and behind it a request whose handler the connector answers for. */
    @Test
    void theConnectorsAnswerNeverOvertakesTheResponseBefore() throws Exception {
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(
                                                r ->
                                                        r.getRequestURI().equals("/compute")
                                                                ? Duration.ofMillis(1)
                                                                : null)
                                        .withHardGrace(Duration.ofMillis(1)));
        try (TestServer server = start(contexts, ContextValveTest::fastOrComputing)) {
            for (int i = 0; i < 1_000; i++) {
                try (RawClient client = server.client()) {
                    client.send(RawClient.text("GET", "/fast") + RawClient.text("GET", "/compute"));
                    assertThat(client.receive().text()).isEqualTo("fast");
                    assertThat(client.receive().status()).isEqualTo(503);
                }
            }
        }
    }

    private static void fastOrComputing(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (request.getRequestURI().equals("/fast")) {
            ServerContract.text(response, "fast");
        } else {
            spinUntil(CancelContext.current()::isCancelled);
            long end = System.nanoTime() + 3_000_000;
            spinUntil(() -> System.nanoTime() - end >= 0);
        }
    }

    @Test
    void theConnectorsAnswerNeverSplitsALargeResponseBefore() throws Exception {
        int large = 4 << 20;
        var release = new AtomicBoolean();
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(
                                        r ->
                                                r.getRequestURI().equals("/compute")
                                                        ? Duration.ofMillis(1)
                                                        : null));
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    if (request.getRequestURI().equals("/big")) {
                                        response.setContentLength(large);
                                        Payload.write(response.getOutputStream(), large);
                                    } else {
                                        spinUntil(release::get);
                                    }
                                });
                RawClient client = server.connectSlowReader()) {
            client.send(RawClient.text("GET", "/big") + RawClient.text("GET", "/compute"));
            RawResponse head = client.receiveHead();
            assertThat(Payload.digest(client.body(head))).isEqualTo(Payload.digest(large));
            assertThat(client.receive().status()).isEqualTo(503);
        } finally {
            release.set(true);
        }
    }

    @Test
    void theInterruptNeverOutlivesTheRequest() throws Exception {
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withDeadlines(
                                        new DeadlineHeaders(java.util.List.of("x-timeout-ms"))));
        try (TestServer server =
                start(
                        contexts,
                        (request, response) -> {
                            if (request.getHeader("x-timeout-ms") != null) {
                                Thread.currentThread().interrupt();
                            }
                            response.getOutputStream()
                                    .print("" + Thread.currentThread().isInterrupted());
                        })) {
            for (int i = 0; i < 50; i++) {
                server.get("/", "x-timeout-ms: 0");
                assertThat(server.get("/").text()).isEqualTo("false");
            }
        }
    }

    @Test
    void shuttingDownCancelsWhatStillRuns() throws Exception {
        var entered = new CountDownLatch(1);
        RequestContexts contexts = contexts(s -> s);
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    entered.countDown();
                                    try {
                                        CancelContext.current().awaitCancelled();
                                    } catch (InterruptedException e) {
                                        // The context says why.
                                    }
                                });
                RawClient client = server.connect()) {
            client.get("/wait");
            Bounded.await(entered);
            contexts.shutDown();
            RawResponse response = client.receive();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.text()).contains("shutting down");
        }
    }

    @Test
    void whatAHandlerSendsAfterAShutdownHasCancelledItIsNotSent() throws Exception {
        var entered = new CountDownLatch(1);
        RequestContexts contexts =
                contexts(
                        s ->
                                s.withInterrupts(InterruptPolicy.NEVER)
                                        .withHardGrace(Duration.ofHours(1)));
        try (TestServer server =
                        start(
                                contexts,
                                (request, response) -> {
                                    entered.countDown();
                                    Bounded.until(CancelContext.current()::isCancelled);
                                    response.getOutputStream().print("never");
                                    response.flushBuffer();
                                });
                RawClient client = server.connect()) {
            client.get("/wait");
            Bounded.await(entered);
            contexts.shutDown();
            RawResponse response = client.receive();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.text()).contains("shutting down");
        }
    }
}
