// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** One connection and one request on it: its answer is waited for, or the caller leaves. */
final class Caller implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;

    /** {@code headers} each without their line's end. */
    Caller(int port, String path, String... headers) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: sample\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        request.append("Connection: close\r\n\r\n");
        socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    static String get(int port, String path, String... headers) throws IOException {
        try (Caller caller = new Caller(port, path, headers)) {
            return caller.answer();
        }
    }

    /** All that comes until the server ends the connection, one way or the other. */
    String answer() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(bytes);
        } catch (SocketException e) {
            // A reset is as good an end.
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Leaves by RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Leaves by FIN. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
