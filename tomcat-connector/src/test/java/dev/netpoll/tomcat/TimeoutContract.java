// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * What ends when nothing comes. A test waits for the end itself; that it did not come too early is checked by the
 * clock, because a timeout's lower bound is what the setting promises.
 */
abstract class TimeoutContract extends ServerContract {
    /** Long enough for a client to have sent what it connected for. */
    private static final int SHORT = 600;

    private static final int LONG = 60_000;

    @Test
    void aConnectionThatSaysNothingIsClosed() throws Exception {
        TestServer server = helloServer().property("connectionTimeout", SHORT).start();
        long start = System.nanoTime();

        RawClient client = server.connect();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        assertThat(millisSince(start)).isGreaterThanOrEqualTo(SHORT);
        awaitNoConnections(server);
    }

    @Test
    void aRequestLineThatStopsInTheMiddleIsClosed() throws Exception {
        TestServer server = helloServer().property("connectionTimeout", SHORT).start();

        long start = System.nanoTime();
        RawClient client = server.connect().send("GET /hel");

        client.awaitEnd();
        assertThat(millisSince(start)).isGreaterThanOrEqualTo(SHORT);
        awaitNoConnections(server);
    }

    @Test
    void aHeadThatStopsInTheMiddleIsClosed() throws Exception {
        TestServer server = helloServer().property("connectionTimeout", SHORT).start();

        long start = System.nanoTime();
        RawClient client =
                server.connect().send("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Half: ");

        client.awaitEnd();
        assertThat(millisSince(start)).isGreaterThanOrEqualTo(SHORT);
        awaitNoConnections(server);
    }

    @Test
    void anIdleConnectionIsClosedAfterTheKeepAliveTimeout() throws Exception {
        TestServer server =
                helloServer()
                        .property("connectionTimeout", LONG)
                        .property("keepAliveTimeout", SHORT)
                        .start();

        long start = System.nanoTime();
        RawClient client = server.connect().get("/hello");
        assertThat(client.receive().text()).isEqualTo("hello");

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        assertThat(millisSince(start)).isGreaterThanOrEqualTo(SHORT);
        awaitNoConnections(server);
    }

    @Test
    void withoutAKeepAliveTimeoutTheConnectionTimeoutCounts() throws Exception {
        TestServer server = helloServer().property("connectionTimeout", SHORT).start();

        RawClient client = server.connect().get("/hello");
        assertThat(client.receive().text()).isEqualTo("hello");

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void theKeepAliveTimeoutIsNotTheTimeoutOfTheFirstRequest() throws Exception {
        TestServer server =
                helloServer()
                        .property("connectionTimeout", LONG)
                        .property("keepAliveTimeout", SHORT)
                        .start();
        RawClient first = server.connect();
        RawClient idle = server.connect().get("/hello");
        idle.receive();

        idle.awaitEnd();

        // The keep-alive timeout has passed for the one; the other has not said anything yet and
        // may still.
        assertThat(first.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void theSecondRequestsHeadHasTheConnectionTimeoutAgain() throws Exception {
        TestServer server =
                helloServer()
                        .property("connectionTimeout", SHORT)
                        .property("keepAliveTimeout", LONG)
                        .start();

        RawClient client = server.connect().get("/hello");
        client.receive();
        client.send("GET /hello HTTP/1.1\r\nHost: loc");

        client.awaitEnd();
        awaitNoConnections(server);
    }

    @Test
    void aBodyThatStopsInTheMiddleFailsTheHandlersRead() throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        TestServer server =
                server().property("connectionTimeout", SHORT)
                        .handle(
                                "/body",
                                (request, response) ->
                                        reading(request.getInputStream()::readAllBytes, failure))
                        .start();

        long start = System.nanoTime();
        RawClient client =
                server.connect().request("POST", "/body", "Content-Length: 10").send("12345");

        assertThat(Bounded.value(failure)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        assertThat(millisSince(start)).isGreaterThanOrEqualTo(SHORT);
        client.awaitEnd();
        awaitNoConnections(server);
    }

    @Test
    void theUploadTimeoutIsItsOwnWhenSwitchedOn() throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        TestServer server =
                server().property("connectionTimeout", LONG)
                        .property("disableUploadTimeout", false)
                        .property("connectionUploadTimeout", SHORT)
                        .handle(
                                "/body",
                                (request, response) ->
                                        reading(request.getInputStream()::readAllBytes, failure))
                        .start();

        RawClient client =
                server.connect().request("POST", "/body", "Content-Length: 10").send("12345");

        assertThat(Bounded.value(failure)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        client.awaitEnd();
    }

    @Test
    void aHandlerThatIsStillAtWorkIsNotTimedOut() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        TestServer server =
                server().property("connectionTimeout", SHORT)
                        .property("keepAliveTimeout", SHORT)
                        .handle(
                                "/work",
                                (request, response) -> {
                                    Bounded.await(done);
                                    text(response, "worked");
                                })
                        .start();

        RawClient client = server.connect().get("/work");
        for (int i = 0; i < 2; i++) {
            server.connect().awaitEnd();
        }

        // Two connections opened later have been timed out, one after the other; the working one
        // has not.
        done.countDown();
        assertThat(client.receive().text()).isEqualTo("worked");
    }

    @Test
    void aClientThatDoesNotReadFailsTheHandlersWrite() throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        TestServer server =
                server().property("connectionTimeout", SHORT)
                        .handle(
                                "/large",
                                (request, response) ->
                                        reading(
                                                () ->
                                                        Payload.write(
                                                                response.getOutputStream(),
                                                                64L << 20),
                                                failure))
                        .start();

        RawClient client = server.connectSlowReader().get("/large");

        assertThat(Bounded.value(failure)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        awaitNoConnections(server);
        client.close();
    }

    @Test
    void theKeepAliveTimeoutStartsAnewWithEveryAnswer() throws Exception {
        // Long enough that a stalled machine does not make the busy connection an idle one.
        TestServer server =
                helloServer()
                        .property("connectionTimeout", LONG)
                        .property("maxKeepAliveRequests", -1)
                        .property("keepAliveTimeout", 1500)
                        .start();
        RawClient busy = server.connect();
        RawClient idle = server.connect().get("/hello");
        idle.receive();
        CompletableFuture<RawClient.End> ended = Bounded.background(idle::awaitEnd);

        int answers = 0;
        while (!ended.isDone()) {
            assertThat(busy.get("/hello").receive().text()).isEqualTo("hello");
            answers++;
        }

        assertThat(answers).isPositive();
        assertThat(busy.get("/hello").receive().text()).isEqualTo("hello");
        Bounded.value(ended);
    }

    private static long millisSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1_000_000;
    }

    private static void reading(Action action, CompletableFuture<IOException> failure)
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
}
