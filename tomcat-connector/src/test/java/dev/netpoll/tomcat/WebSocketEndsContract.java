// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How WebSockets end when their clients do not read, or go without a word. */
abstract class WebSocketEndsContract extends ServerContract {

    private static final int TEXT = 1;
    private static final int CLOSE = 8;

    @BeforeEach
    final void forget() {
        FloodEndpoint.reset();
    }

    private TestServer start() throws Exception {
        return server().webSocket(FloodEndpoint.class).start();
    }

    private static RawClient open(RawClient client) throws IOException {
        client.get(
                "/flood",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        assertThat(client.receiveHead().status()).isEqualTo(101);
        return client;
    }

    /** A whole message, masked by zeros. */
    private static byte[] frame(int opcode, byte[] payload) {
        return ByteBuffer.allocate(6 + payload.length)
                .put((byte) (0x80 | opcode))
                .put((byte) (0x80 | payload.length))
                .putInt(0)
                .put(payload)
                .array();
    }

    private static byte[] text(String message) {
        return frame(TEXT, message.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] close(int code) {
        return frame(CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T told = queue.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(told).isNotNull();
        return told;
    }

    // ---- clients that do not read ---------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"blocking", "async", "thread"})
    void sendingToAClientThatDoesNotReadFailsInTime(String how) throws Exception {
        TestServer server = start();
        RawClient client = open(server.connectSlowReader());
        client.send(text(how));
        assertThat(next(FloodEndpoint.FAILURES))
                .satisfiesAnyOf(
                        failure -> assertThat(failure).isInstanceOf(SocketTimeoutException.class),
                        failure ->
                                assertThat(failure)
                                        .hasRootCauseInstanceOf(SocketTimeoutException.class));
        client.reset();
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
        awaitNoConnections(server);
        Bounded.untilEqual(0, () -> server.protocol().getWaitingProcessorCount());
    }

    /** A message is sent when the socket has it: the sender of one that is not decides itself what becomes of it. */
    @Test
    void whoSendsByFuturesIsNotKeptByAClientThatDoesNotRead() throws Exception {
        TestServer server = start();
        RawClient client = open(server.connectSlowReader());
        client.send(text("patient"));
        assertThat(next(FloodEndpoint.FAILURES)).isInstanceOf(TimeoutException.class);
        client.reset();
        if (!subject().forgetsSessionsThatSend()) {
            assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
        }
        awaitNoConnections(server);
    }

    // ---- clients that go ------------------------------------------------------------------------

    @Test
    void aClientThatResetsIsAnErrorAndAnAbnormalEnd() throws Exception {
        RawClient client = open(start().connect());
        client.reset();
        assertThat(next(FloodEndpoint.ERRORS)).isInstanceOf(IOException.class);
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
    }

    @Test
    void aClientThatClosesItsConnectionIsAnAbnormalEnd() throws Exception {
        RawClient client = open(start().connect());
        client.close();
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
    }

    @Test
    void aCloseAndTheEndOfItsConnectionGiveTheCodeOfTheClose() throws Exception {
        RawClient client = open(start().connect());
        client.send(close(1001));
        client.close();
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1001);
    }

    @Test
    void aClientThatResetsWhileItsMessageIsHandledIsAnAbnormalEnd() throws Exception {
        RawClient client = open(start().connect());
        client.send(text("wait"));
        Bounded.await(FloodEndpoint.entered);
        client.reset();
        FloodEndpoint.release.countDown();
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
        assertThat(next(FloodEndpoint.ERRORS)).isInstanceOf(IOException.class);
    }

    @Test
    void aClientThatClosesWhileItsMessageIsHandledIsAnAbnormalEnd() throws Exception {
        RawClient client = open(start().connect());
        client.send(text("wait"));
        Bounded.await(FloodEndpoint.entered);
        client.close();
        FloodEndpoint.release.countDown();
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1006);
    }

    @Test
    void aCloseThatComesWhileAMessageIsHandledWaitsForIt() throws Exception {
        RawClient client = open(start().connect());
        client.send(text("wait"));
        Bounded.await(FloodEndpoint.entered);
        client.send(close(1000));
        FloodEndpoint.release.countDown();
        byte[] answer = new byte[2 + "answer to wait".length()];
        client.in().readNBytes(answer, 0, answer.length);
        assertThat(new String(answer, StandardCharsets.US_ASCII)).endsWith("answer to wait");
        assertThat(next(FloodEndpoint.CLOSED)).isEqualTo(1000);
    }
}
