// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * An HTTP/2 connection that sends exactly the frames it is told to, and shows those that come.
 *
 * <p>Acknowledges the server's settings and pings while it reads, and does nothing else by itself. One thread writes
 * and one reads.
 */
final class Http2Client implements Closeable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int STREAM_CLOSED = 5;
    static final int FRAME_SIZE_ERROR = 6;
    static final int CANCEL = 8;
    static final int COMPRESSION_ERROR = 9;
    static final int ENHANCE_YOUR_CALM = 11;

    static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final RawClient client;
    private final DataInputStream in;
    private final HeaderBlocks headers = new HeaderBlocks();

    private Http2Client(RawClient client) {
        this.client = client;
        this.in = new DataInputStream(client.in());
    }

    /** A frame as it came. */
    record Frame(int type, int flags, int stream, byte[] payload) {

        boolean isEnd() {
            return (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS);
        }

        /** Of GOAWAY or RST_STREAM. */
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }

        /** The last stream of GOAWAY; the increment of WINDOW_UPDATE. */
        int number() {
            return ByteBuffer.wrap(payload).getInt(0) & Integer.MAX_VALUE;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return "type " + type + " flags " + flags + " stream " + stream + " " + payload.length;
        }
    }

    /** A whole response; {@code reset} is the code of an RST_STREAM that ended it, or null. */
    record Response(
            List<Map.Entry<String, String>> fields,
            byte[] body,
            List<Map.Entry<String, String>> trailers,
            @Nullable Integer reset) {

        int status() {
            return Integer.parseInt(field(":status"));
        }

        @Nullable String field(String name) {
            return fields.stream()
                    .filter(field -> field.getKey().equals(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    // ---- beginning

    /** Over {@code client}, which has sent nothing: with prior knowledge, or over TLS by ALPN. Sends the preface. */
    static Http2Client over(RawClient client, boolean tls) throws IOException {
        if (tls) {
            SSLParameters parameters = client.tls().getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            client.tls().setSSLParameters(parameters);
            client.tls().startHandshake();
            if (!"h2".equals(client.tls().getApplicationProtocol())) {
                throw new IOException("agreed on " + client.tls().getApplicationProtocol());
            }
        }
        return new Http2Client(client);
    }

    static Http2Client to(TestServer server, @Nullable SSLContext tls) throws IOException {
        return over(server.connect(), tls != null).preface();
    }

    /** After an upgrade that {@code client} has been granted. */
    static Http2Client upgraded(RawClient client) {
        return new Http2Client(client);
    }

    /** Sends the preface and settings, which are {@code id, value} pairs. */
    Http2Client preface(int... settings) throws IOException {
        client.send(PREFACE);
        return frame(SETTINGS, 0, 0, settings(settings));
    }

    static byte[] settings(int... settings) {
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return payload.array();
    }

    // ---- sending

    static byte[] bytes(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    Http2Client send(byte[] bytes) throws IOException {
        client.send(bytes);
        return this;
    }

    Http2Client frame(int type, int flags, int stream, byte[] payload) throws IOException {
        return send(bytes(type, flags, stream, payload));
    }

    Http2Client get(int stream, String path, String... fields) throws IOException {
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, request("GET", path, fields));
    }

    /** The head of a request with a body to come. */
    Http2Client post(int stream, String path, String... fields) throws IOException {
        return frame(HEADERS, END_HEADERS, stream, request("POST", path, fields));
    }

    Http2Client data(int stream, byte[] bytes, boolean end) throws IOException {
        return frame(DATA, end ? END_STREAM : 0, stream, bytes);
    }

    Http2Client reset(int stream, int error) throws IOException {
        return frame(RST_STREAM, 0, stream, number(error));
    }

    Http2Client windowUpdate(int stream, int increment) throws IOException {
        return frame(WINDOW_UPDATE, 0, stream, number(increment));
    }

    static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    byte[] request(String method, String path, String... fields) {
        List<String> all = new ArrayList<>(List.of(":method", method, ":path", path));
        all.addAll(List.of(":scheme", client.isTls() ? "https" : "http"));
        all.addAll(List.of(":authority", "localhost"));
        all.addAll(List.of(fields));
        return HeaderBlocks.literal(all.toArray(String[]::new));
    }

    // ---- receiving

    /** The next frame that is no acknowledgement, no ping and no setting of the server's. */
    Frame next() throws IOException {
        Frame frame = any();
        while (isHousekeeping(frame)) {
            frame = any();
        }
        return frame;
    }

    private boolean isHousekeeping(Frame frame) throws IOException {
        boolean acknowledged = (frame.flags & ACK) != 0;
        switch (frame.type) {
            case SETTINGS, PING -> {
                if (!acknowledged) {
                    frame(frame.type, ACK, 0, frame.type == PING ? frame.payload : new byte[0]);
                }
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** The next frame, whatever it is. */
    Frame any() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException();
        }
        return new Frame(type, flags, stream, payload);
    }

    /** The next frame of that type, for {@code stream} or any where that is negative; others are dropped. */
    Frame next(int type, int stream) throws IOException {
        Frame frame = next();
        while (frame.type != type || (stream >= 0 && frame.stream != stream)) {
            frame = next();
        }
        return frame;
    }

    List<Map.Entry<String, String>> decode(Frame frame) {
        return headers.decode(frame.payload);
    }

    /** The response of {@code stream}; frames of other streams are dropped, their header blocks decoded. */
    Response response(int stream) throws IOException {
        List<Map.Entry<String, String>> head = List.of();
        List<Map.Entry<String, String>> trailers = List.of();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = next();
            List<Map.Entry<String, String>> fields =
                    frame.type == HEADERS ? decode(frame) : List.of();
            if (frame.type == GOAWAY) {
                throw new IOException("GOAWAY " + frame.error() + " " + frame.text());
            }
            if (frame.stream != stream) {
                continue;
            }
            if (frame.type == RST_STREAM) {
                return new Response(head, body.toByteArray(), trailers, frame.error());
            }
            body.writeBytes(frame.type == DATA ? frame.payload : new byte[0]);
            if (head.isEmpty() || isInterim(head)) {
                head = fields;
            } else if (!fields.isEmpty()) {
                trailers = fields;
            }
            if (frame.isEnd()) {
                return new Response(head, body.toByteArray(), trailers, null);
            }
        }
    }

    private static boolean isInterim(List<Map.Entry<String, String>> head) {
        return head.getFirst().getValue().startsWith("1");
    }

    /** The error of the GOAWAY with which the server ends the connection; -1 where it ends without one. */
    int awaitGoAway() throws IOException {
        try {
            return next(GOAWAY, -1).error();
        } catch (EOFException | SocketException | SSLException e) {
            return -1;
        }
    }

    RawClient raw() {
        return client;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
