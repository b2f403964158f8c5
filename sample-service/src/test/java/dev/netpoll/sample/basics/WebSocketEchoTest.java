// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class WebSocketEchoTest extends ServiceTest {

    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

    @Test
    void textComesBackInOrder() throws Exception {
        WebSocket socket = connect();

        socket.sendText("first", true).get(BOUND.toSeconds(), TimeUnit.SECONDS);
        socket.sendText("second", true).get(BOUND.toSeconds(), TimeUnit.SECONDS);

        assertThat(next()).isEqualTo("first");
        assertThat(next()).isEqualTo("second");
        close(socket);
    }

    @Test
    void binaryComesBackAsBinary() throws Exception {
        WebSocket socket = connect();

        socket.sendBinary(ByteBuffer.wrap(new byte[] {0, 1, 2}), true)
                .get(BOUND.toSeconds(), TimeUnit.SECONDS);

        assertThat(next()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 1, 2}));
        close(socket);
    }

    private WebSocket connect() throws Exception {
        return client.newWebSocketBuilder()
                .connectTimeout(BOUND)
                .buildAsync(uri("ws", "/ws/echo"), new Recorder())
                .get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }

    private void close(WebSocket socket) throws Exception {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(next()).isEqualTo(WebSocket.NORMAL_CLOSURE);
    }

    private Object next() throws InterruptedException {
        Object message = received.poll(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a message within " + BOUND).isNotNull();
        return message;
    }

    /** Called by one thread of the client's at a time. */
    private final class Recorder implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                received.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            received.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            received.add(status);
            return null;
        }
    }
}
