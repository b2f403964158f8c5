// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/** Request and response bodies of every framing and size, read and written by blocking handlers. */
abstract class BodyContract extends ServerContract {
    private static final long LARGE = 64L << 20;

    @Test
    void aLargeBodyArrivesWhole() throws Exception {
        TestServer server = digestServer().start();

        RawClient client = server.connect().request("POST", "/digest", "Content-Length: " + LARGE);
        Payload.write(client.out(), LARGE);

        assertThat(client.receive().text()).isEqualTo(Payload.digest(LARGE).toString());
        assertThat(client.request("POST", "/digest", "Content-Length: 0").receive().text())
                .isEqualTo(Payload.digest(0).toString());
    }

    @Test
    void aLargeChunkedBodyArrivesWhole() throws Exception {
        TestServer server = digestServer().start();
        int chunks = 1000;
        byte[] all = Payload.bytes(chunks * 8191);

        RawClient client =
                server.connect().request("POST", "/digest", "Transfer-Encoding: chunked");
        for (int i = 0; i < chunks; i++) {
            client.chunk(Arrays.copyOfRange(all, i * 8191, (i + 1) * 8191));
        }
        client.lastChunk();

        assertThat(client.receive().text()).isEqualTo(Payload.digest(all.length).toString());
        assertThat(client.request("POST", "/digest", "Content-Length: 0").receive().status())
                .isEqualTo(200);
    }

    @Test
    void trailersOfTheRequestReachTheHandler() throws Exception {
        TestServer server =
                server().property("allowedTrailerHeaders", "X-Sum")
                        .handle(
                                "/trailers",
                                (request, response) -> {
                                    request.getInputStream().readAllBytes();
                                    text(response, String.valueOf(request.getTrailerFields()));
                                })
                        .start();

        RawClient client =
                server.connect()
                        .request("POST", "/trailers", "Transfer-Encoding: chunked")
                        .chunk("abc")
                        .lastChunk("X-Sum: 3");

        assertThat(client.receive().text()).isEqualTo("{X-Sum=3}");
    }

    @Test
    void aLargeBodyReachesASlowReaderWhole() throws Exception {
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        AtomicLong progress = new AtomicLong();
        TestServer server =
                server().handle(
                                "/large",
                                (request, response) -> {
                                    response.setContentLengthLong(LARGE);
                                    byte[] block = new byte[32 * 1024];
                                    for (long at = 0; at < LARGE; at += block.length) {
                                        Payload.fill(block, block.length, at);
                                        response.getOutputStream().write(block);
                                        progress.set(at);
                                    }
                                    written.complete(true);
                                })
                        .start();

        RawClient client = server.connectSlowReader().get("/large");
        RawResponse head = client.receiveHead();
        Bounded.until(() -> progress.get() > 64 * 1024, progress::get);
        assertThat(written).as("64 MB fit into no socket buffer").isNotDone();
        InputStream body = client.body(head);
        byte[] start = new byte[64 * 1024];
        for (int i = 0; i < start.length; i++) {
            start[i] = (byte) body.read();
        }
        Payload.Digest digest =
                Payload.digest(new SequenceInputStream(new ByteArrayInputStream(start), body));

        assertThat(digest).isEqualTo(Payload.digest(LARGE));
        assertThat(Bounded.value(written)).isTrue();
    }

    @Test
    void aBodyOfUnknownLengthIsChunked() throws Exception {
        requireTomcat("11.0.23"); // trailers could only be set before the response was committed
        TestServer server =
                server().handle(
                                "/stream",
                                (request, response) -> {
                                    Payload.write(response.getOutputStream(), 5_000_000);
                                    response.setTrailerFields(() -> Map.of("X-Sum", "42"));
                                })
                        .start();

        RawClient client = server.connect();
        for (int i = 0; i < 2; i++) {
            RawResponse response = client.get("/stream", "TE: trailers").receive();
            assertThat(response.chunked()).isTrue();
            assertThat(Payload.checksum(response.body())).isEqualTo(Payload.checksum(5_000_000));
            assertThat(response.trailer("X-Sum")).isEqualTo("42");
        }
    }

    @Test
    void everyFlushReachesTheClientAtOnce() throws Exception {
        Semaphore next = new Semaphore(0);
        TestServer server =
                server().handle(
                                "/events",
                                (request, response) -> {
                                    response.setContentType("text/event-stream");
                                    for (int i = 0; i < 20; i++) {
                                        response.getOutputStream().print("data: " + i + "\n\n");
                                        response.flushBuffer();
                                        next.acquireUninterruptibly();
                                    }
                                })
                        .start();

        RawClient client = server.connect().get("/events");
        InputStream body = client.body(client.receiveHead());
        for (int i = 0; i < 20; i++) {
            String event = "data: " + i + "\n\n";
            assertThat(new String(body.readNBytes(event.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(event);
            next.release();
        }
        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void aHandlerMayReadByteByByteWhatTricklesIn() throws Exception {
        AtomicLong seen = new AtomicLong();
        TestServer server =
                server().handle(
                                "/trickle",
                                (request, response) -> {
                                    ServletInputStream in = request.getInputStream();
                                    ByteArrayOutputStream body = new ByteArrayOutputStream();
                                    for (int b = in.read(); b >= 0; b = in.read()) {
                                        body.write(b);
                                        seen.incrementAndGet();
                                    }
                                    text(response, body.toString(StandardCharsets.US_ASCII));
                                })
                        .start();
        String body = "slowly, one byte after the other, comes the body";

        RawClient client =
                server.connect().request("POST", "/trickle", "Content-Length: " + body.length());
        for (int i = 0; i < body.length(); i++) {
            client.send(body.substring(i, i + 1));
            long sent = i + 1;
            Bounded.until(() -> seen.get() == sent, () -> seen.get() + " of " + sent + " seen");
        }

        assertThat(client.receive().text()).isEqualTo(body);
    }

    @Test
    void oneThreadMayReadWhileAnotherWrites() throws Exception {
        int size = 16 << 20;
        TestServer server =
                server().handle(
                                "/duplex",
                                (request, response) -> {
                                    // No Content-Length: with its last byte Tomcat closes the
                                    // request's body too.
                                    CompletableFuture<Void> writing =
                                            Bounded.background(
                                                    () -> {
                                                        Payload.write(
                                                                response.getOutputStream(), size);
                                                        return null;
                                                    });
                                    Payload.Digest read = Payload.digest(request.getInputStream());
                                    Bounded.value(writing);
                                    assertThat(read).isEqualTo(Payload.digest(size));
                                })
                        .start();

        RawClient client = server.connect().request("POST", "/duplex", "Content-Length: " + size);
        CompletableFuture<Void> sending =
                Bounded.background(
                        () -> {
                            Payload.write(client.out(), size);
                            return null;
                        });

        assertThat(Payload.checksum(client.receive().body())).isEqualTo(Payload.checksum(size));
        Bounded.value(sending);
    }

    @Test
    void aHandlerMayAnswerWhileItStillReads() throws Exception {
        TestServer server = server().handle("/echo", BodyContract::echoByLine).start();

        RawClient client = server.connect().request("POST", "/echo", "Transfer-Encoding: chunked");
        client.chunk("first\n");
        InputStream body = client.body(client.receiveHead());
        assertThat(new String(body.readNBytes(6), StandardCharsets.US_ASCII)).isEqualTo("first\n");
        for (int i = 0; i < 50; i++) {
            String line = "line " + i + "\n";
            client.chunk(line);
            assertThat(new String(body.readNBytes(line.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(line);
        }
        client.lastChunk();

        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void aBodyThatEndsTooEarlyIsAnErrorToTheHandler() throws Exception {
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        TestServer server =
                server().handle(
                                "/short",
                                (request, response) -> {
                                    try {
                                        request.getInputStream().readAllBytes();
                                    } catch (IOException e) {
                                        failure.complete(e);
                                        throw e;
                                    }
                                })
                        .start();

        RawClient client = server.connect();
        client.finishHandshake();
        client.request("POST", "/short", "Content-Length: 100").send("only this");
        client.halfClose();

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
        client.awaitEnd();
    }

    @Test
    void compressedAnswersUnpackToTheOriginal() throws Exception {
        String text = "a compressible line of text\n".repeat(5000);
        TestServer server =
                server().property("compression", "on")
                        .handle(
                                "/text",
                                (request, response) -> {
                                    response.setContentType("text/plain");
                                    response.getOutputStream().print(text);
                                })
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 3; i++) {
            RawResponse packed = client.get("/text", "Accept-Encoding: gzip").receive();
            assertThat(packed.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(packed.body().length).isLessThan(text.length() / 10);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(text);
            RawResponse plain = client.get("/text").receive();
            assertThat(plain.has("Content-Encoding")).isFalse();
            assertThat(plain.text()).isEqualTo(text);
        }
    }

    @Test
    void aResponseHeadLargerThanASocketBufferArrivesWhole() throws Exception {
        TestServer server =
                server().property("maxHttpResponseHeaderSize", 100_000)
                        .handle(
                                "/headers",
                                (request, response) -> {
                                    for (int i = 0; i < 500; i++) {
                                        response.setHeader("X-" + i, "value".repeat(20) + i);
                                    }
                                    text(response, "done");
                                })
                        .start();

        RawResponse response = server.get("/headers");

        assertThat(response.text()).isEqualTo("done");
        assertThat(response.header("X-499")).isEqualTo("value".repeat(20) + 499);
    }

    @Test
    void aHandlersExceptionBecomesA500AndEndsTheConnection() throws Exception {
        log().expect(
                        record ->
                                record.getThrown() != null
                                        && "on purpose".equals(record.getThrown().getMessage()));
        TestServer server =
                server().handle(
                                "/broken",
                                (request, response) -> {
                                    throw new IllegalStateException("on purpose");
                                })
                        .start();
        RawClient client = server.connect();

        RawResponse response = client.get("/broken").receive();
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void aHandlersExceptionAfterTheHeadCutsTheConnection() throws Exception {
        log().expect(
                        record ->
                                record.getThrown() != null
                                        && "on purpose".equals(record.getThrown().getMessage()));
        TestServer server =
                server().handle(
                                "/broken",
                                (request, response) -> {
                                    response.getOutputStream().print("so far so good");
                                    response.flushBuffer();
                                    throw new IllegalStateException("on purpose");
                                })
                        .start();

        RawClient client = server.connect().get("/broken");
        InputStream body = client.body(client.receiveHead());

        assertThat(body.readNBytes(14))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("so far so good");
        assertThatThrownBy(body::read).isInstanceOf(IOException.class);
    }

    private TestServer.Builder digestServer() {
        return server().handle("/digest", ServerContract::answerDigest);
    }

    private static void echoByLine(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        InputStream in = request.getInputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            response.getOutputStream().write(b);
            if (b == '\n') {
                response.flushBuffer();
            }
        }
    }
}
