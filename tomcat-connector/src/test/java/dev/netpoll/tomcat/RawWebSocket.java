// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A WebSocket client that sends frames, or parts of them, as it is told: to {@link EchoEndpoint}. One thread. */
final class RawWebSocket implements AutoCloseable {

    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int PING = 9;
    static final int PONG = 10;

    /** Of a frame's first byte. */
    static final int FIN = 0x80;

    static final int COMPRESSED = 0x40;

    private static final int MASKED = 0x80;
    private static final int TWO_BYTES_OF_LENGTH = 126;

    private final Socket socket;
    private final DataInputStream in;

    /** A frame from the server, of less than 64 KiB. */
    record Frame(int first, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    private RawWebSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** A server with the endpoint, whose sessions take messages of {@code buffer} characters or bytes. */
    static TestServer.Builder server(ConnectorUnderTest subject, int buffer) {
        return TestServer.on(subject.protocol())
                .connector(subject::tune)
                .webSocket(EchoEndpoint.class)
                .context(
                        context -> {
                            context.addParameter(
                                    "org.apache.tomcat.websocket.textBufferSize", "" + buffer);
                            context.addParameter(
                                    "org.apache.tomcat.websocket.binaryBufferSize", "" + buffer);
                        });
    }

    /** Connects and has the connection upgraded. */
    static RawWebSocket open(TestServer server, String... headers) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(20_000);
        String request =
                """
                GET /echo HTTP/1.1\r
                Host: localhost\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                """;
        for (String header : headers) {
            request += header + "\r\n";
        }
        socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
        RawWebSocket opened = new RawWebSocket(socket);
        assertThat(opened.head()).startsWith("HTTP/1.1 101 ");
        return opened;
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** A frame as a client sends it, masked with zeros. */
    static byte[] frame(int first, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < TWO_BYTES_OF_LENGTH) {
            frame.write(MASKED | payload.length);
        } else {
            frame.write(MASKED | TWO_BYTES_OF_LENGTH);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        frame.writeBytes(new byte[4]);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    void send(int first, String text) throws IOException {
        send(frame(first, text.getBytes(StandardCharsets.UTF_8)));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    Frame receive() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        byte[] payload = new byte[length == TWO_BYTES_OF_LENGTH ? in.readUnsignedShort() : length];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    /** Has a text echoed. */
    void echo(String text) throws IOException {
        send(FIN | TEXT, text);
        assertThat(receive().text()).isEqualTo(text);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
