// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelledException;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.tomcat.WireKind.Answer;
import dev.netpoll.tomcat.WireKind.Caller;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.AccessLog;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** What becomes of a request that ends early is the same over HTTP/1.1 and HTTP/2, plain and over TLS. */
@Timeout(60)
class EarlyEndsTest {

    private static final Duration LIMIT = Duration.ofMillis(50);

    private final CompletableFuture<CancelContext> begun = new CompletableFuture<>();
    private final AtomicBoolean release = new AtomicBoolean();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private RequestContexts contexts;
    private TestServer server;

    @AfterEach
    void stop() throws Exception {
        release.set(true);
        Bounded.until(() -> contexts.active() == 0, contexts::active);
        server.close();
    }

    /** Paths that end with {@code limited} have {@link #LIMIT}, and as much of a grace. */
    private Caller start(WireKind kind, Handler handler) throws Exception {
        contexts =
                new RequestContexts(
                        RequestSettings.defaults()
                                .withDeadlines(
                                        request ->
                                                request.getRequestURI().endsWith("limited")
                                                        ? LIMIT
                                                        : null)
                                .withHardGrace(LIMIT));
        server =
                kind.server()
                        .handle(
                                "/*",
                                (request, response) -> {
                                    begun.complete(CancelContext.current());
                                    handler.handle(request, response);
                                })
                        .context(ContextValveTest.first(contexts))
                        .context(this::logged)
                        .start();
        return kind.caller(server);
    }

    private void logged(Context context) {
        context.getPipeline().addValve(new Log());
    }

    /** Heeds nothing. */
    private void spin() {
        while (!release.get()) {
            Thread.onSpinWait();
        }
    }

    private void hold() {
        try {
            while (!release.get()) {
                CancelContext.current().sleep(Duration.ofMillis(5));
            }
        } catch (CancelledException | InterruptedException e) {
            // It heeds that.
        }
    }

    private void assertAnsweredFor(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.text()).contains("deadline exceeded").endsWith("}");
        assertThat(answer.length()).isEqualTo(Integer.toString(answer.text().length()));
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatHeedsNothingIsAnsweredForInFull(WireKind kind) throws Exception {
        Caller caller = start(kind, (_, _) -> spin());
        caller.send("GET", "/limited");
        assertAnsweredFor(caller.answer());
        Bounded.until(() -> contexts.hardDeadlines() == 1, contexts::hardDeadlines);
    }

    @ParameterizedTest
    @EnumSource
    void aResponseThatBeginsTooLateIsReplacedInFull(WireKind kind) throws Exception {
        Caller caller =
                start(
                        kind,
                        (_, response) -> {
                            CancelContext context = CancelContext.current();
                            Bounded.until(context::isDeadlineExceeded, context::toString);
                            response.getOutputStream().print("success, too late");
                            response.flushBuffer();
                        });
        caller.send("GET", "/limited");
        assertAnsweredFor(caller.answer());
    }

    @ParameterizedTest
    @EnumSource
    void theAnswerToHeadHasNoBody(WireKind kind) throws Exception {
        Caller caller = start(kind, (_, _) -> spin());
        caller.send("HEAD", "/limited");
        Answer answer = caller.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.text()).isEmpty();
        assertThat(Integer.parseInt(answer.length())).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesCancelsItsRequestWhichIsLoggedAs499(WireKind kind) throws Exception {
        Caller caller = start(kind, (_, _) -> hold());
        caller.send("GET", "/left");
        CancelContext context = Bounded.value(begun);
        caller.leave();
        assertLeftAndLogged(context);
    }

    private void assertLeftAndLogged(CancelContext context) throws Exception {
        Bounded.until(context::isCancelled, context::toString);
        assertThat(context.cause()).isInstanceOf(CancelCause.ClientDisconnected.class);
        Bounded.until(() -> log.contains("499 /left"), log::toString);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesWithinItsResponseIsLoggedAs499(WireKind kind) throws Exception {
        var flushed = new CountDownLatch(1);
        Caller caller =
                start(
                        kind,
                        (_, response) -> {
                            response.getOutputStream().print("begun");
                            response.flushBuffer();
                            flushed.countDown();
                            hold();
                        });
        caller.send("GET", "/left");
        Bounded.await(flushed);
        caller.leave();
        assertLeftAndLogged(Bounded.value(begun));
    }

    /** Whether the handler's write or the loop finds out first. */
    @ParameterizedTest
    @EnumSource
    void aClientThatIsGoneWhenItsResponseLeavesIsLoggedAs499(WireKind kind) throws Exception {
        var entered = new Semaphore(0);
        Caller first =
                start(
                        kind,
                        (_, response) -> {
                            entered.release();
                            while (true) {
                                response.getOutputStream().write(new byte[10_000]);
                            }
                        });
        first.close();
        int rounds = 50;
        for (int i = 1; i <= rounds; i++) {
            Caller caller = kind.caller(server);
            caller.send("GET", "/left");
            entered.acquire();
            caller.leave();
            int ended = i;
            Bounded.until(() -> left().size() == ended, () -> log);
        }
        assertThat(left()).containsOnly("499 /left");
    }

    /** Of the requests; the first caller, which asks nothing, may be logged as a bad one. */
    private List<String> left() {
        return log.stream().filter(line -> line.endsWith(" /left")).toList();
    }

    @ParameterizedTest
    @EnumSource
    void theTableOfConnectionsShowsTheRequest(WireKind kind) throws Exception {
        Caller caller = start(kind, (_, _) -> hold());
        caller.send("GET", "/held");
        CancelContext context = Bounded.value(begun);
        NetpollHttp11Protocol protocol =
                (NetpollHttp11Protocol) server.connector().getProtocolHandler();
        ConnectionSnapshot row = protocol.connections(null, 10).getFirst();
        assertThat(row.request()).isEqualTo("GET /held");
        assertThat(row.protocol()).isEqualTo(protocolOf(kind));
        assertThat(row.streams()).isEqualTo(kind.isHttp2() ? Integer.valueOf(1) : null);
        if (kind.isTls()) {
            assertThat(row.tls()).startsWith("TLSv1.3 TLS_");
        } else {
            assertThat(row.tls()).isNull();
        }
        assertThat(protocol.cancelRequest(row.id())).isTrue();
        Bounded.until(context::isCancelled, context::toString);
        Answer answer = caller.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.text()).contains("cancelled by an operator");
    }

    private static String protocolOf(WireKind kind) {
        return kind.isHttp2() ? kind.isTls() ? "h2" : "h2c" : null;
    }

    /** What an access log would say. */
    private final class Log extends ValveBase implements AccessLog {

        Log() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response)
                throws IOException, jakarta.servlet.ServletException {
            getNext().invoke(request, response);
        }

        @Override
        public void log(Request request, Response response, long time) {
            log.add(response.getStatus() + " " + request.getRequestURI());
        }

        @Override
        public void setRequestAttributesEnabled(boolean enabled) {
            // It has none.
        }

        @Override
        public boolean getRequestAttributesEnabled() {
            return false;
        }
    }
}
