// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a WebSocket client got, message by message. Filled by the client's threads, one at a time; read by the test. */
final class Received implements WebSocket.Listener {
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> binaries = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();

    /** Both belong to the client's threads. */
    private final StringBuilder text = new StringBuilder();

    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    String text() {
        return next(texts);
    }

    byte[] binary() {
        return next(binaries);
    }

    String pong() {
        return next(pongs);
    }

    /** The code the connection was closed with, 1006 when it broke. */
    int closeCode() {
        return next(closeCodes);
    }

    private static <T> T next(BlockingQueue<T> queue) {
        try {
            T next = queue.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came within " + Bounded.PATIENCE);
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            texts.add(text.toString());
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        binary.writeBytes(bytes);
        if (last) {
            binaries.add(binary.toByteArray());
            binary.reset();
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        pongs.add(StandardCharsets.US_ASCII.decode(message).toString());
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closeCodes.add(code);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
        closeCodes.add(1006);
    }
}
