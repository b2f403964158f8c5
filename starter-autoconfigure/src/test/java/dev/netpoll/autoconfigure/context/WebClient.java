// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.testsupport.Bounded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection, one request: sends it, and then reads to the end or leaves. */
final class WebClient implements AutoCloseable {

    private final Socket socket;

    /** {@code headers} each without their line's end. */
    WebClient(int port, String path, String... headers) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) Bounded.PATIENCE.toMillis());
        StringBuilder request =
                new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        request.append("Connection: close\r\n\r\n");
        socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    static Answer get(int port, String path, String... headers) throws IOException {
        try (var client = new WebClient(port, path, headers)) {
            return client.answer();
        }
    }

    /** What has come when {@code text} has. */
    String readUntil(String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("The connection ended after: " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    /** All that comes until the server ends the connection, one way or the other. */
    Answer answer() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(bytes);
        } catch (java.net.SocketException e) {
            // A reset is as good an end.
        }
        return new Answer(bytes.toString(StandardCharsets.UTF_8));
    }

    /** Leaves by FIN. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Leaves by RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    record Answer(String text) {

        int status() {
            return text.isEmpty() ? 0 : Integer.parseInt(text.split(" ", 3)[1]);
        }

        String body() {
            return text.substring(text.indexOf("\r\n\r\n") + 4);
        }

        boolean isProblem() {
            return text.toLowerCase(java.util.Locale.ROOT)
                    .contains("content-type: application/problem+json");
        }
    }
}
