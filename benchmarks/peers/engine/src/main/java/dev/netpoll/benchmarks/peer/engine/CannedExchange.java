// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.engine;

import dev.netpoll.engine.NetpollConnection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Answers one connection's requests until its peer leaves. Runs on the connection's thread. */
final class CannedExchange implements Runnable {

    private static final ByteBuffer HELLO = answer("text/plain;charset=UTF-8", "Hello, World!");
    private static final ByteBuffer JSON =
            answer("application/json", "{\"message\":\"Hello, World!\"}");

    private static final int REQUEST_BYTES = 1_024;

    /** CR LF CR LF. */
    private static final int BLANK_LINE = 0x0d0a0d0a;

    private static final int PATH_LETTER = 5;

    private final NetpollConnection connection;
    private final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST_BYTES);

    CannedExchange(NetpollConnection connection) {
        this.connection = connection;
    }

    private static ByteBuffer answer(String type, String body) {
        String text =
                "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(type, body.length(), body);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Override
    public void run() {
        try (connection) {
            while (request.hasRemaining() && connection.read(request) >= 0) {
                answerWholeRequests();
            }
        } catch (IOException left) {
            // The peer reset the connection: there is nobody to answer.
        }
    }

    private void answerWholeRequests() throws IOException {
        request.flip();
        for (int end = endOfRequest(); end >= 0; end = endOfRequest()) {
            boolean json = request.get(request.position() + PATH_LETTER) == 'j';
            connection.write((json ? JSON : HELLO).duplicate());
            request.position(end);
        }
        request.compact();
    }

    /** Where the first whole request ends, or -1. */
    private int endOfRequest() {
        int last = request.limit() - Integer.BYTES;
        for (int i = request.position(); i <= last; i++) {
            if (request.get(i) == '\r' && request.getInt(i) == BLANK_LINE) {
                return i + Integer.BYTES;
            }
        }
        return -1;
    }
}
