// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that sends exactly what it is told, and can leave in every way there is. */
final class Wire implements AutoCloseable {

    private static final int BOUND_MILLIS = 30_000;
    private static final int SMALL_BUFFER = 4096;

    private final Socket socket;

    private Wire(Socket socket) {
        this.socket = socket;
    }

    static Wire to(int port) throws IOException {
        return connect(new Socket(), port);
    }

    /** With a receive buffer that fills soon. */
    static Wire narrow(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        return connect(socket, port);
    }

    private static Wire connect(Socket socket, int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BOUND_MILLIS);
        socket.setSoTimeout(BOUND_MILLIS);
        return new Wire(socket);
    }

    Wire send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Wire get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    /** This end, as the server names it. */
    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** Reads a response; answers its status. */
    int status() throws IOException {
        return response().status();
    }

    Response response() throws IOException {
        String statusLine = line();
        int length = 0;
        boolean chunked = false;
        String type = "";
        for (String line = line(); !line.isEmpty(); line = line()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).trim());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = true;
            } else if (lower.startsWith("content-type:")) {
                type = lower.substring(13).trim();
            }
        }
        String body = chunked ? chunks() : read(length);
        return new Response(Integer.parseInt(statusLine.split(" ")[1]), type, body);
    }

    /**
     * What came back.
     *
     * @param status the number
     * @param type the content type
     * @param body as text
     */
    record Response(int status, String type, String body) {}

    static Response get(int port, String path) throws IOException {
        try (Wire wire = to(port)) {
            return wire.get(path).response();
        }
    }

    static Response delete(int port, String path) throws IOException {
        try (Wire wire = to(port)) {
            return wire.send("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").response();
        }
    }

    /** Reads until the server ends the connection. */
    void awaitEnd() throws IOException {
        InputStream in = socket.getInputStream();
        byte[] sink = new byte[1 << 16];
        try {
            while (in.read(sink) >= 0) {
                // whatever it is
            }
        } catch (java.net.SocketException e) {
            // reset: an end as well
        }
    }

    /** Sends no more, and stays. */
    void halfClose() throws IOException {
        socket.shutdownOutput();
    }

    /** Leaves by RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private String chunks() throws IOException {
        var body = new StringBuilder();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.append(read(size));
            line();
        }
        line();
        return body.toString();
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String read(int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("The connection ended within a response");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
