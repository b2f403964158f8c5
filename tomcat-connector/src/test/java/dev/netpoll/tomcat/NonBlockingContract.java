// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;

/** {@code ReadListener} and {@code WriteListener}: bodies that no thread waits for. */
abstract class NonBlockingContract extends ServerContract {
    private static final int LARGE = 16 << 20;

    @Test
    void aLargeBodyIsReadWithoutBlocking() throws Exception {
        TestServer server = server().handle("/read", NonBlockingContract::digest).start();
        RawClient client = server.connect();

        for (int i = 0; i < 2; i++) {
            client.request("POST", "/read", "Content-Length: " + LARGE);
            Payload.write(client.out(), LARGE);
            assertThat(client.receive().text()).isEqualTo(Payload.digest(LARGE).toString());
        }
    }

    @Test
    void aChunkedBodyIsReadWithoutBlocking() throws Exception {
        TestServer server = server().handle("/read", NonBlockingContract::digest).start();
        RawClient client = server.connect();

        for (int i = 0; i < 20; i++) {
            client.request("POST", "/read", "Transfer-Encoding: chunked");
            for (int chunk = 0; chunk < 10; chunk++) {
                client.chunk("chunk " + chunk);
            }
            client.lastChunk();
            assertThat(client.receive().text()).contains("size=70");
        }
    }

    @Test
    void aBodyThatTricklesInIsReadWithoutBlocking() throws Exception {
        CompletableFuture<BodyReader> reading = new CompletableFuture<>();
        TestServer server =
                server().handle(
                                "/read",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    BodyReader reader =
                                            new BodyReader(
                                                    request.getInputStream(),
                                                    done -> answer(context, done));
                                    request.getInputStream().setReadListener(reader);
                                    reading.complete(reader);
                                })
                        .start();

        RawClient client = server.connect().request("POST", "/read", "Content-Length: 50");
        byte[] body = Payload.bytes(50);
        for (int i = 0; i < body.length; i++) {
            client.send(new byte[] {body[i]});
            long sent = i + 1;
            Bounded.until(() -> Bounded.value(reading).size() == sent, () -> sent);
        }

        assertThat(client.receive().text()).isEqualTo(Payload.digest(50).toString());
    }

    @Test
    void anEmptyBodyIsReadWithoutBlocking() throws Exception {
        TestServer server = server().handle("/read", NonBlockingContract::digest).start();
        RawClient client = server.connect();

        assertThat(client.get("/read").receive().text()).isEqualTo(Payload.digest(0).toString());
        assertThat(client.request("POST", "/read", "Content-Length: 0").receive().text())
                .isEqualTo(Payload.digest(0).toString());
    }

    @Test
    void anotherThreadMaySetTheListeners() throws Exception {
        TestServer server =
                server().handle(
                                "/read",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    Bounded.background(
                                            () -> {
                                                request.getInputStream()
                                                        .setReadListener(
                                                                new BodyReader(
                                                                        request.getInputStream(),
                                                                        done ->
                                                                                answer(
                                                                                        context,
                                                                                        done)));
                                                return null;
                                            });
                                })
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 20; i++) {
            client.request("POST", "/read", "Content-Length: 100000").send(Payload.bytes(100_000));
            assertThat(client.receive().text()).isEqualTo(Payload.digest(100_000).toString());
        }
    }

    @Test
    void aLargeAnswerIsWrittenToASlowReaderWithoutBlocking() throws Exception {
        CompletableFuture<BodyWriter> writing = new CompletableFuture<>();
        TestServer server =
                helloServer()
                        .handle(
                                "/write",
                                (request, response) -> writing.complete(send(request, response)))
                        .start();

        RawClient client = server.connectSlowReader().get("/write");
        RawResponse head = client.receiveHead();
        Bounded.until(() -> Bounded.value(writing).timesNotReady() > 0, () -> "always ready");
        InputStream body = client.body(head);
        byte[] start = body.readNBytes(1000);
        Payload.Digest rest = Payload.digest(body);

        assertThat(Payload.checksum(start)).isEqualTo(Payload.checksum(1000));
        assertThat(rest.size()).isEqualTo(LARGE - 1000);
    }

    @Test
    void anotherThreadMayWriteUntilItIsNotReady() throws Exception {
        TestServer server =
                helloServer().handle("/write", NonBlockingContract::sendFromOtherThreads).start();
        RawClient client = server.connectSlowReader();

        for (int i = 0; i < 2; i++) {
            RawResponse response = client.get("/write").receive();
            assertThat(Payload.checksum(response.body())).isEqualTo(Payload.checksum(LARGE));
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void aLargeAnswerIsWrittenWholeAndTheConnectionGoesOn() throws Exception {
        TestServer server = helloServer().handle("/write", NonBlockingContract::send).start();
        RawClient client = server.connectSlowReader();

        for (int i = 0; i < 2; i++) {
            RawResponse response = client.get("/write").receive();
            assertThat(Payload.checksum(response.body())).isEqualTo(Payload.checksum(LARGE));
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void readingAndWritingGoOnAtOnceWithoutBlocking() throws Exception {
        TestServer server =
                // Else an answer that begins before the body was read ends the connection.
                helloServer()
                        .property("maxSwallowSize", -1)
                        .handle(
                                "/echo",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(0);
                                    response.setContentLength(LARGE);
                                    new Echo(
                                                    request.getInputStream(),
                                                    response.getOutputStream(),
                                                    context::complete)
                                            .start();
                                })
                        .start();
        RawClient client = server.connectSlowReader();

        client.request("POST", "/echo", "Content-Length: " + LARGE);
        CompletableFuture<Void> sending =
                Bounded.background(
                        () -> {
                            Payload.write(client.out(), LARGE);
                            return null;
                        });

        assertThat(Payload.checksum(client.receive().body())).isEqualTo(Payload.checksum(LARGE));
        Bounded.value(sending);
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void pipelinedRequestsFollowANonBlockingOne() throws Exception {
        TestServer server = helloServer().handle("/read", NonBlockingContract::digest).start();
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            burst.append(RawClient.text("POST", "/read", "Content-Length: 5")).append("12345");
            burst.append(RawClient.text("GET", "/hello"));
        }

        RawClient client = server.connect().send(burst.toString());

        for (int i = 0; i < 10; i++) {
            assertThat(client.receive().text()).contains("size=5");
            assertThat(client.receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void aBodyThatStopsIsATimeoutToTheReadListener() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        TestServer server =
                server().property("connectionTimeout", 600)
                        .handle("/read", (request, response) -> failing(request, failure))
                        .start();

        RawClient client =
                server.connect().request("POST", "/read", "Content-Length: 100").send("some");

        assertThat(Bounded.value(failure)).isInstanceOf(SocketTimeoutException.class);
        client.awaitEnd();
    }

    @Test
    void aClientThatLeavesInItsBodyIsAnErrorToTheReadListener() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        TestServer server =
                server().handle("/read", (request, response) -> failing(request, failure)).start();

        RawClient client = server.connect();
        client.finishHandshake();
        client.request("POST", "/read", "Content-Length: 100").send("some").close();

        assertThat(Bounded.value(failure)).hasRootCauseInstanceOf(EOFException.class);
    }

    @Test
    void aClientThatResetsInItsBodyIsAnErrorToTheReadListener() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        TestServer server =
                server().handle("/read", (request, response) -> failing(request, failure)).start();

        RawClient client = server.connect();
        client.finishHandshake();
        client.request("POST", "/read", "Content-Length: 100").send("some").reset();

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
    }

    @Test
    void aClientThatDoesNotReadIsATimeoutToTheWriteListener() throws Exception {
        CompletableFuture<BodyWriter> writing = new CompletableFuture<>();
        TestServer server =
                server().property("connectionTimeout", 600)
                        .handle(
                                "/write",
                                (request, response) -> writing.complete(send(request, response)))
                        .start();

        RawClient client = server.connectSlowReader().get("/write");

        BodyWriter writer = Bounded.value(writing);
        assertThat(Bounded.value(writer.failure())).isInstanceOf(SocketTimeoutException.class);
        awaitNoConnections(server);
        client.close();
    }

    @Test
    void aClientThatResetsIsAnErrorToTheWriteListener() throws Exception {
        CompletableFuture<BodyWriter> writing = new CompletableFuture<>();
        TestServer server =
                server().handle(
                                "/write",
                                (request, response) -> writing.complete(send(request, response)))
                        .start();

        RawClient client = server.connectSlowReader().get("/write");
        Bounded.until(() -> Bounded.value(writing).timesNotReady() > 0, () -> "always ready");
        client.reset();

        assertThat(Bounded.value(Bounded.value(writing).failure())).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    private static void digest(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        AsyncContext context = request.startAsync();
        request.getInputStream()
                .setReadListener(
                        new BodyReader(request.getInputStream(), done -> answer(context, done)));
    }

    private static BodyWriter send(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        response.setContentLength(LARGE);
        BodyWriter writer = new BodyWriter(response.getOutputStream(), LARGE, context::complete);
        response.getOutputStream().setWriteListener(writer);
        return writer;
    }

    /** The container only says when; a thread of the application's writes. */
    private static void sendFromOtherThreads(
            HttpServletRequest request, HttpServletResponse response) throws IOException {
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        response.setContentLength(LARGE);
        BodyWriter writer = new BodyWriter(response.getOutputStream(), LARGE, context::complete);
        response.getOutputStream()
                .setWriteListener(
                        new WriteListener() {
                            @Override
                            public void onWritePossible() {
                                Bounded.background(
                                        () -> {
                                            // The container may call again before this thread has
                                            // come back from the isReady that asked for it.
                                            synchronized (writer) {
                                                writer.onWritePossible();
                                            }
                                            return null;
                                        });
                            }

                            @Override
                            public void onError(Throwable failure) {
                                writer.onError(failure);
                            }
                        });
    }

    private static void failing(HttpServletRequest request, CompletableFuture<Throwable> failure)
            throws IOException {
        AsyncContext context = request.startAsync();
        BodyReader reader = new BodyReader(request.getInputStream(), done -> answer(context, done));
        reader.onFailure(
                error -> {
                    context.complete();
                    failure.complete(error);
                });
        request.getInputStream().setReadListener(reader);
    }

    private static void answer(AsyncContext context, Payload.Digest body) {
        try {
            text((HttpServletResponse) context.getResponse(), body.toString());
            context.complete();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
