// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** WebSocket on Tomcat's own implementation, which sits on the connector's upgrade; the JDK's client. */
abstract class WebSocketContract extends ServerContract {
    private final ExecutorService executor =
            Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("ws-client-", 0).factory());

    private HttpClient http;

    @BeforeEach
    final void openClient() {
        EchoEndpoint.CLOSED.clear();
        EchoEndpoint.PONGS.clear();
        HttpClient.Builder builder = HttpClient.newBuilder().executor(executor);
        if (subject().tls() != null) {
            builder.sslContext(subject().tls());
        }
        http = builder.build();
    }

    /** Runs before the count of descriptors and threads, which the superclass does. */
    @AfterEach
    final void closeClient() throws Exception {
        http.shutdownNow();
        assertThat(http.awaitTermination(Bounded.PATIENCE)).isTrue();
        executor.shutdown();
        assertThat(executor.awaitTermination(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void textIsEchoed() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        for (int i = 0; i < 100; i++) {
            Bounded.value(socket.sendText("message " + i, true));
            assertThat(received.text()).isEqualTo("message " + i);
        }
        close(socket, received);
    }

    @Test
    void aThousandMessagesInARowAreEchoedInOrder() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        Bounded.background(
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        Bounded.value(socket.sendText("message " + i, true));
                    }
                    return null;
                });

        for (int i = 0; i < 1000; i++) {
            assertThat(received.text()).isEqualTo("message " + i);
        }
        close(socket, received);
    }

    @Test
    void aMegabyteIsEchoed() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        for (int i = 0; i < 3; i++) {
            Bounded.value(socket.sendBinary(ByteBuffer.wrap(Payload.bytes(1 << 20)), true));
            assertThat(Payload.checksum(received.binary())).isEqualTo(Payload.checksum(1 << 20));
        }
        close(socket, received);
    }

    @Test
    void aMessageInManyFramesIsOneMessage() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        for (int i = 0; i < 10; i++) {
            Bounded.value(socket.sendText("part " + i + " ", i == 9));
        }

        assertThat(received.text()).startsWith("part 0 part 1 ").endsWith("part 9 ");
        close(socket, received);
    }

    @Test
    void pingsAreAnsweredOnBothSides() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        Bounded.value(
                socket.sendPing(
                        ByteBuffer.wrap("are you there".getBytes(StandardCharsets.US_ASCII))));
        assertThat(received.pong()).isEqualTo("are you there");
        Bounded.value(socket.sendText("ping me", true));
        assertThat(EchoEndpoint.PONGS.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo("and you");
        close(socket, received);
    }

    @Test
    void theClientMayClose() throws Exception {
        Received received = new Received();
        TestServer server = webSocketServer().start();
        WebSocket socket = open(server, received);

        Bounded.value(socket.sendClose(4321, "enough"));

        assertThat(received.closeCode()).isEqualTo(4321);
        assertThat(closedAtServer()).isEqualTo(4321);
        awaitNoConnections(server);
    }

    @Test
    void theServerMayClose() throws Exception {
        Received received = new Received();
        TestServer server = webSocketServer().start();
        WebSocket socket = open(server, received);

        Bounded.value(socket.sendText("close me", true));

        assertThat(received.closeCode()).isEqualTo(4000);
        assertThat(closedAtServer()).isEqualTo(4000);
        awaitNoConnections(server);
    }

    @Test
    void aClientThatVanishesIsClosedAtTheServer() throws Exception {
        Received received = new Received();
        TestServer server = webSocketServer().start();
        WebSocket socket = open(server, received);
        Bounded.value(socket.sendText("hello", true));
        assertThat(received.text()).isEqualTo("hello");

        socket.abort();

        assertThat(closedAtServer()).isEqualTo(1006);
        awaitNoConnections(server);
    }

    @Test
    void otherThreadsOfTheServerMaySend() throws Exception {
        Received received = new Received();
        WebSocket socket = open(webSocketServer().start(), received);

        Bounded.value(socket.sendText("count to 50", true));

        for (int i = 1; i <= 50; i++) {
            assertThat(received.text()).isEqualTo("" + i);
        }
        close(socket, received);
    }

    @Test
    void anIdleSocketOutlivesHttpsTimeouts() throws Exception {
        Received received = new Received();
        TestServer server =
                webSocketServer()
                        .property("connectionTimeout", 1000)
                        .property("keepAliveTimeout", 1000)
                        .start();
        WebSocket socket = open(server, received);

        for (int i = 0; i < 2; i++) {
            server.connect().awaitEnd();
        }

        Bounded.value(socket.sendText("still here", true));
        assertThat(received.text()).isEqualTo("still here");
        close(socket, received);
    }

    @Test
    void theServersStopClosesTheSocket() throws Exception {
        Received received = new Received();
        TestServer server = webSocketServer().start();
        WebSocket socket = open(server, received);
        Bounded.value(socket.sendText("hello", true));
        assertThat(received.text()).isEqualTo("hello");

        server.stop();

        assertThat(received.closeCode()).isIn(1001, 1006);
        assertThat(closedAtServer()).isIn(1001, 1006);
    }

    private TestServer.Builder webSocketServer() {
        return server().webSocket(EchoEndpoint.class)
                .context(
                        context ->
                                context.addParameter(
                                        "org.apache.tomcat.websocket.binaryBufferSize", "2000000"));
    }

    private WebSocket open(TestServer server, Received received) {
        return Bounded.value(
                http.newWebSocketBuilder()
                        .buildAsync(
                                URI.create(scheme() + "://127.0.0.1:" + server.port() + "/echo"),
                                received));
    }

    private String scheme() {
        return subject().tls() == null ? "ws" : "wss";
    }

    private static void close(WebSocket socket, Received received) {
        Bounded.value(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        assertThat(received.closeCode()).isEqualTo(WebSocket.NORMAL_CLOSURE);
    }

    private static int closedAtServer() throws InterruptedException {
        Integer code = EchoEndpoint.CLOSED.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return code == null ? -1 : code;
    }
}
