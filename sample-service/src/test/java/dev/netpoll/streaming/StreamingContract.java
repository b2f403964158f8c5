// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.TestKeys;
import dev.netpoll.web.RequestContexts;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Spring's emitters, streams and WebSockets do the same on every connector, plain and over TLS. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StreamingContract {

    private ConfigurableApplicationContext application;
    private StreamingApplication streaming;
    private HttpClient client;
    private TestKeys keys;

    abstract boolean onTheEngine();

    abstract boolean overTls();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        List<String> properties = new ArrayList<>(List.of("--server.port=0"));
        properties.add("--netpoll.tomcat.enabled=" + onTheEngine());
        if (overTls()) {
            keys = TestKeys.generate(directory);
            properties.addAll(List.of(keys.properties("--server.ssl")));
        }
        application =
                SpringApplication.run(
                        StreamingApplication.class, properties.toArray(String[]::new));
        streaming = application.getBean(StreamingApplication.class);
    }

    @AfterAll
    void stop() {
        application.close();
    }

    @BeforeEach
    void connect() throws Exception {
        streaming.told.clear();
        streaming.next = new CountDownLatch(1);
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (overTls()) {
            builder.sslContext(TestKeys.trusting(keys));
        }
        client = builder.build();
    }

    @AfterEach
    void nothingIsLeft() {
        client.shutdownNow();
        RequestContexts contexts = application.getBean(RequestContexts.class);
        Bounded.until(() -> contexts.active() == 0, contexts::ended);
    }

    private URI uri(String scheme, String path) {
        int port =
                Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                        .getPort();
        return URI.create(scheme + (overTls() ? "s" : "") + "://localhost:" + port + path);
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(uri("http", path)).build();
    }

    private void awaitTold(String what) {
        Bounded.until(() -> streaming.told.contains(what), streaming.told::toString);
    }

    // ---- emitters

    @Test
    void anEmitterSendsFromAnotherThreadAndEnds() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(client.send(get("/emitter"), BodyHandlers.ofString()).body())
                    .isEqualTo("one two three");
        }
        // An emitter that completes before it is returned is told nothing.
        assertThat(streaming.told).allMatch("completed"::equals);
    }

    @Test
    void anEventLeavesBeforeTheNextIsThere() throws Exception {
        HttpResponse<InputStream> response =
                client.send(get("/held"), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            String first = "data:first\n\n";
            assertThat(new String(body.readNBytes(first.length()), StandardCharsets.UTF_8))
                    .isEqualTo(first);
            streaming.next.countDown();
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("data:second\n\n");
        }
        awaitTold("completed");
    }

    @Test
    void anEmitterWhoseTimeIsOverIsToldAndEnds() throws Exception {
        HttpResponse<String> response = client.send(get("/short"), BodyHandlers.ofString());
        assertThat(response.body()).startsWith("data:first");
        awaitTold("timed out");
        awaitTold("completed");
    }

    @Test
    void anEmitterWhoseClientLeavesIsTold() throws Exception {
        HttpResponse<InputStream> response =
                client.send(get("/endless"), BodyHandlers.ofInputStream());
        response.body().readNBytes("data:first\n\n".length());
        streaming.next.countDown();
        response.body().readNBytes(100);
        response.body().close();
        awaitTold("sending failed");
        awaitTold("completed");
    }

    @Test
    void anEmitterThatFailsFirstIsAnErrorAndLaterACutResponse() throws Exception {
        assertThat(client.send(get("/failing?after=0"), BodyHandlers.ofString()).statusCode())
                .isGreaterThanOrEqualTo(400);
        assertThatThrownBy(() -> client.send(get("/failing?after=3"), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    // ---- streams

    @Test
    void aStreamOfManyPiecesComesWhole() throws Exception {
        byte[] body = client.send(get("/stream?pieces=1000"), BodyHandlers.ofByteArray()).body();
        assertThat(body).hasSize(10_000_000);
        for (int i = 0; i < body.length; i += 9_999) {
            assertThat(body[i]).isEqualTo((byte) (i / 10_000));
        }
    }

    @Test
    void aStreamWhoseClientLeavesFails() throws Exception {
        HttpResponse<InputStream> response =
                client.send(get("/endless-stream"), BodyHandlers.ofInputStream());
        response.body().readNBytes(100_000);
        response.body().close();
        awaitTold("writing failed");
    }

    // ---- WebSocket

    private WebSocket open(Recorder recorder) {
        return Bounded.value(client.newWebSocketBuilder().buildAsync(uri("ws", "/ws"), recorder));
    }

    @Test
    void textBinaryAndPingsAreAnswered() throws Exception {
        Recorder recorder = new Recorder();
        WebSocket socket = open(recorder);
        for (int i = 0; i < 50; i++) {
            Bounded.value(socket.sendText("message " + i, true));
            assertThat(recorder.next()).isEqualTo("message " + i);
        }
        Bounded.value(socket.sendBinary(ByteBuffer.wrap(new byte[] {0, 1, 2}), true));
        assertThat(recorder.next()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 1, 2}));
        Bounded.value(socket.sendPing(ByteBuffer.wrap(new byte[] {7})));
        assertThat(recorder.next()).isEqualTo("pong 7");
        Bounded.value(socket.sendClose(WebSocket.NORMAL_CLOSURE, "done"));
        assertThat(recorder.next()).isEqualTo("closed 1000");
        awaitTold("closed 1000");
    }

    @Test
    void theServersCodeReachesTheClient() throws Exception {
        Recorder recorder = new Recorder();
        WebSocket socket = open(recorder);
        Bounded.value(socket.sendText("close", true));
        assertThat(recorder.next()).isEqualTo("closed 4001");
        awaitTold("closed 4001");
    }

    @Test
    void aClientThatVanishesIsToldToTheHandler() throws Exception {
        Recorder recorder = new Recorder();
        WebSocket socket = open(recorder);
        Bounded.value(socket.sendText("here", true));
        assertThat(recorder.next()).isEqualTo("here");
        socket.abort();
        awaitTold("closed 1006");
    }

    /** Called by one thread of the client's at a time. */
    private static final class Recorder implements WebSocket.Listener {

        private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

        Object next() throws InterruptedException {
            Object told = received.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(told).isNotNull();
            return told;
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence data, boolean last) {
            received.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            received.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            received.add("pong " + data.get());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            received.add("closed " + status);
            return null;
        }
    }
}
