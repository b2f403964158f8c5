// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that leave, politely or not, at every moment of a request. None of it is an error of the server: nothing is
 * logged at WARNING or above, and everything is given back, which is checked after every test.
 */
abstract class DisconnectContract extends ServerContract {
    private static final long LARGE = 64L << 20;

    /** The two ways to go. */
    enum Leaving {
        FIN {
            @Override
            void leave(RawClient client) throws IOException {
                client.close();
            }
        },
        RST {
            @Override
            void leave(RawClient client) throws IOException {
                client.reset();
            }
        };

        abstract void leave(RawClient client) throws IOException;
    }

    @Test
    void aClientThatOnlyStopsSendingStillGetsItsAnswer() throws Exception {
        TestServer server = helloServer().start();

        RawClient client = server.connect().get("/hello");
        client.halfClose();

        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void aClientThatStopsSendingWhileTheHandlerWorksStillGetsItsAnswer() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestServer server =
                server().handle(
                                "/work",
                                (request, response) -> {
                                    working.countDown();
                                    Bounded.await(done);
                                    text(response, "worked");
                                })
                        .start();

        RawClient client = server.connect().get("/work");
        Bounded.await(working);
        client.halfClose();
        done.countDown();

        assertThat(client.receive().text()).isEqualTo("worked");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void aClientThatStopsSendingStillGetsALargeAnswer() throws Exception {
        TestServer server =
                server().handle(
                                "/large",
                                (request, response) -> {
                                    response.setContentLengthLong(LARGE);
                                    Payload.write(response.getOutputStream(), LARGE);
                                })
                        .start();

        RawClient client = server.connectSlowReader().get("/large");
        client.halfClose();

        RawResponse head = client.receiveHead();
        assertThat(Payload.digest(client.body(head))).isEqualTo(Payload.digest(LARGE));
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void pipelinedRequestsBeforeAHalfCloseAreAllAnswered() throws Exception {
        TestServer server = helloServer().start();

        RawClient client = server.connect().send(RawClient.text("GET", "/hello").repeat(10));
        client.halfClose();

        for (int i = 0; i < 10; i++) {
            assertThat(client.receive().text()).isEqualTo("hello");
        }
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void aClientThatStopsSendingStillGetsAnAsyncAnswer() throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                server().handle("/async", (request, response) -> started.add(request.startAsync()))
                        .start();

        RawClient client = server.connect().get("/async");
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        client.halfClose();
        text((HttpServletResponse) context.getResponse(), "at last");
        context.complete();

        assertThat(client.receive().text()).isEqualTo("at last");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @ParameterizedTest
    @EnumSource
    void aClientMayLeaveBeforeItsRequest(Leaving leaving) throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();
        Bounded.until(() -> connections(server) == 1, server::connectionCount);

        leaving.leave(client);

        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientMayLeaveWithinItsRequest(Leaving leaving) throws Exception {
        TestServer server = helloServer().start();
        for (String part :
                new String[] {"G", "GET /hello HTTP/1.1\r\n", "GET /hello HTTP/1.1\r\nHost: loc"}) {
            leaving.leave(server.connect().send(part));
        }

        awaitNoConnections(server);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    @ParameterizedTest
    @EnumSource
    void aClientMayLeaveBetweenRequests(Leaving leaving) throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect().get("/hello");
        client.receive();

        leaving.leave(client);

        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesInItsBodyFailsTheHandlersRead(Leaving leaving) throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        CountDownLatch reading = new CountDownLatch(1);
        TestServer server =
                server().handle(
                                "/read",
                                (request, response) -> {
                                    assertThat(request.getInputStream().read())
                                            .isEqualTo((int) '1');
                                    reading.countDown();
                                    failing(() -> request.getInputStream().readAllBytes(), failure);
                                })
                        .start();

        RawClient client =
                server.connect().request("POST", "/read", "Content-Length: 1000").send("12345");
        Bounded.await(reading);
        leaving.leave(client);

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesFailsTheHandlersLargeWrite(Leaving leaving) throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        TestServer server =
                server().handle(
                                "/large",
                                (request, response) ->
                                        failing(
                                                () ->
                                                        Payload.write(
                                                                response.getOutputStream(), LARGE),
                                                failure))
                        .start();

        RawClient client = server.connectSlowReader().get("/large");
        client.receiveHead();
        leaving.leave(client);

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesFailsEveryFurtherFlush(Leaving leaving) throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        TestServer server =
                server().handle(
                                "/events",
                                (request, response) -> {
                                    response.flushBuffer();
                                    started.countDown();
                                    Bounded.await(left);
                                    failing(() -> writeEvents(response), failure);
                                })
                        .start();

        RawClient client = server.connect().get("/events");
        Bounded.await(started);
        leaving.leave(client);
        left.countDown();

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesWhileTheHandlerWorksDisturbsNobody(Leaving leaving) throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        TestServer server =
                helloServer()
                        .handle(
                                "/work",
                                (request, response) -> {
                                    working.countDown();
                                    Bounded.await(done);
                                    text(response, "for nobody");
                                    ended.complete(true);
                                })
                        .start();

        RawClient client = server.connect().get("/work");
        Bounded.await(working);
        leaving.leave(client);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
        done.countDown();

        assertThat(Bounded.value(ended)).isTrue();
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesInAnAsyncRequestEndsItOnce(Leaving leaving) throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        AtomicInteger completions = new AtomicInteger();
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(0);
                                    context.addListener(completionsInto(completions));
                                    started.add(context);
                                })
                        .start();

        RawClient client = server.connect().get("/async");
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        leaving.leave(client);
        writeUntilItFails(context);

        Bounded.until(() -> completions.get() > 0, () -> "not complete");
        awaitNoConnections(server);
        assertThat(completions).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesWithUnreadAnswersDisturbsNobody(Leaving leaving) throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect().send(RawClient.text("GET", "/hello").repeat(100));

        leaving.leave(client);

        awaitNoConnections(server);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    private static void writeEvents(HttpServletResponse response) throws IOException {
        // A kernel notices a client's FIN only by the RST that answers the first bytes: it takes a
        // few.
        for (int i = 0; i < 1_000_000; i++) {
            response.getOutputStream().print("data: " + i + "\n\n");
            response.flushBuffer();
        }
    }

    /** As an application's thread does that feeds an event stream: on failure it completes the request. */
    private static void writeUntilItFails(AsyncContext context) {
        try {
            writeEvents((HttpServletResponse) context.getResponse());
            throw new AssertionError("the client is gone, and nobody noticed");
        } catch (IOException | IllegalStateException clientGone) {
            try {
                context.complete();
            } catch (IllegalStateException ended) {
                // The container was first.
            }
        }
    }

    private static void failing(Action action, CompletableFuture<IOException> failure)
            throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            failure.complete(e);
            throw e;
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws IOException;
    }

    private static AsyncListener completionsInto(AtomicInteger counter) {
        return new AsyncListener() {
            @Override
            public void onComplete(AsyncEvent event) {
                counter.incrementAndGet();
            }

            @Override
            public void onTimeout(AsyncEvent event) {}

            @Override
            public void onError(AsyncEvent event) {}

            @Override
            public void onStartAsync(AsyncEvent event) {}
        };
    }
}
