// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A WebSocket session lets go of its buffers for messages between two of them, and has them when the next one comes. */
class IdleWebSocketTest {

    private static final int BUFFER = 20_000;
    private static final int FIN_TEXT = RawWebSocket.FIN | RawWebSocket.TEXT;

    /** The server's answers are compressed in the context of those before. */
    private final Inflater inflater = new Inflater(true);

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = RawWebSocket.server(NetpollContractTest.NETPOLL, BUFFER).start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        inflater.end();
    }

    private NetpollTomcatEndpoint endpoint() {
        return ((NetpollHttp11Protocol) server.connector().getProtocolHandler()).endpoint();
    }

    /** The first look makes a session's acquaintance, the second lets go of what is quiet. */
    private void looks() {
        for (int i = 0; i < 3; i++) {
            endpoint().lookAtRestingConnections();
        }
    }

    /** What the one session holds for messages, in bytes. */
    private int held() {
        NetpollSocketWrapper only =
                (NetpollSocketWrapper) endpoint().getConnections().iterator().next();
        only.getLock().lock(); // the answer is here before its thread has left
        try {
            Processor processor = (Processor) only.getCurrentProcessor();
            UpgradeToken token = processor.getUpgradeToken();
            TomcatFrames frames = TomcatFrames.of(token.httpUpgradeHandler().getClass());
            Object frame = frames.frame(token.httpUpgradeHandler());
            return frames.input(frame).capacity()
                    + frames.text(frame).capacity() * Character.BYTES
                    + frames.binary(frame).capacity();
        } finally {
            only.getLock().unlock();
        }
    }

    @Test
    void aQuietSessionHoldsNothingForMessages() throws Exception {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            client.echo("hi");
            assertThat(held()).isGreaterThan(3 * BUFFER);
            looks();
            assertThat(held()).isZero();
            client.echo("again");
            assertThat(held()).isGreaterThan(3 * BUFFER);
        }
    }

    @Test
    void oneThatHadAMessageSinceTheLastLookKeepsThem() throws Exception {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            for (int i = 0; i < 5; i++) {
                client.echo("message " + i);
                endpoint().lookAtRestingConnections();
            }
            assertThat(held()).isGreaterThan(3 * BUFFER);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RawWebSocket.TEXT, RawWebSocket.BINARY})
    void theNextMessageMayBeAsLargeAsEver(int kind) throws Exception {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            for (int i = 0; i < 3; i++) {
                looks();
                byte[] message = new byte[BUFFER];
                Arrays.fill(message, (byte) ('a' + i));
                client.send(RawWebSocket.frame(RawWebSocket.FIN | kind, message));
                assertThat(echoed(client)).isEqualTo(message);
            }
        }
    }

    /** In as many frames as the server takes. */
    private static byte[] echoed(RawWebSocket client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        RawWebSocket.Frame frame;
        do {
            frame = client.receive();
            all.writeBytes(frame.payload());
        } while ((frame.first() & RawWebSocket.FIN) == 0);
        return all.toByteArray();
    }

    @Test
    void aPingIsAnswered() throws Exception {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            looks();
            client.send(RawWebSocket.FIN | RawWebSocket.PING, "are you there");
            RawWebSocket.Frame pong = client.receive();
            assertThat(pong.first()).isEqualTo(RawWebSocket.FIN | RawWebSocket.PONG);
            assertThat(pong.text()).isEqualTo("are you there");
        }
    }

    @Test
    void aMessageThatHasBegunIsKept() throws Exception {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            client.echo("first");
            client.send(RawWebSocket.TEXT, "one, ");
            client.send(RawWebSocket.FIN | RawWebSocket.PING, "read?");
            assertThat(client.receive().text()).isEqualTo("read?");
            looks();
            client.send(RawWebSocket.CONTINUATION, "two, ");
            looks();
            client.send(RawWebSocket.FIN | RawWebSocket.CONTINUATION, "three");
            assertThat(client.receive().text()).isEqualTo("one, two, three");
        }
    }

    /** However many of its bytes have come. */
    @Test
    void aFrameThatHasBegunIsKept() throws Exception {
        byte[] frame = RawWebSocket.frame(FIN_TEXT, "a frame in two parts".getBytes());
        try (RawWebSocket client = RawWebSocket.open(server)) {
            client.echo("first");
            for (int cut = 1; cut < frame.length; cut++) {
                long before = received();
                client.send(Arrays.copyOf(frame, cut));
                long part = before + cut;
                Bounded.until("the part is read", () -> received() == part);
                looks();
                client.send(Arrays.copyOfRange(frame, cut, frame.length));
                assertThat(client.receive().text()).isEqualTo("a frame in two parts");
            }
        }
    }

    private long received() {
        return ((NetpollSocketWrapper) endpoint().getConnections().iterator().next())
                .getSocket()
                .received();
    }

    /** A text message that is compressed goes through the buffer of binary ones. */
    @Test
    void aCompressedMessageIsRead() throws Exception {
        try (RawWebSocket client =
                RawWebSocket.open(server, "Sec-WebSocket-Extensions: permessage-deflate")) {
            for (int i = 0; i < 3; i++) {
                looks();
                String message = ("compressed " + i + " ").repeat(1_000);
                client.send(
                        RawWebSocket.frame(FIN_TEXT | RawWebSocket.COMPRESSED, deflated(message)));
                RawWebSocket.Frame answer = client.receive();
                assertThat(answer.first()).isEqualTo(FIN_TEXT | RawWebSocket.COMPRESSED);
                assertThat(inflated(answer.payload(), message.length())).isEqualTo(message);
            }
        }
    }

    /** A message of its own: without the context of the ones before, as RFC 7692 has it. */
    private static byte[] deflated(String message) {
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(message.getBytes(StandardCharsets.US_ASCII));
            byte[] out = new byte[message.length()];
            int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            return Arrays.copyOf(out, length - 4);
        }
    }

    private String inflated(byte[] payload, int length) throws Exception {
        byte[] ended = Arrays.copyOf(payload, payload.length + 4);
        ended[payload.length + 2] = (byte) 0xff;
        ended[payload.length + 3] = (byte) 0xff;
        inflater.setInput(ended);
        byte[] out = new byte[length];
        assertThat(inflater.inflate(out)).isEqualTo(length);
        return new String(out, StandardCharsets.US_ASCII);
    }

    @Test
    void aLookBesideMessagesLosesNone() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Future<Void> looking =
                Bounded.background(
                        () -> {
                            while (!over.get()) {
                                endpoint().lookAtRestingConnections();
                            }
                            return null;
                        });
        List<Future<Void>> clients = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            clients.add(Bounded.background(this::echoAThousand));
        }
        for (Future<Void> client : clients) {
            Bounded.value(client);
        }
        over.set(true);
        Bounded.value(looking);
    }

    private Void echoAThousand() throws IOException {
        try (RawWebSocket client = RawWebSocket.open(server)) {
            for (int i = 0; i < 1_000; i++) {
                client.echo("message " + i);
            }
        }
        return null;
    }
}
