// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Echoes, and does some other things on request. Tomcat makes one per session. */
@ServerEndpoint("/echo")
public final class EchoEndpoint {
    /** Close codes of ended sessions. */
    static final BlockingQueue<Integer> CLOSED = new LinkedBlockingQueue<>();

    static final BlockingQueue<String> PONGS = new LinkedBlockingQueue<>();

    @OnMessage
    public void text(String message, Session session) throws IOException {
        switch (message) {
            case "ping me" ->
                    session.getBasicRemote()
                            .sendPing(
                                    ByteBuffer.wrap("and you".getBytes(StandardCharsets.US_ASCII)));
            case "close me" ->
                    session.close(new CloseReason(CloseCodes.getCloseCode(4000), "as you wish"));
            case "count to 50" ->
                    Bounded.background(
                            () -> {
                                for (int i = 1; i <= 50; i++) {
                                    session.getBasicRemote().sendText("" + i);
                                }
                                return null;
                            });
            default -> session.getBasicRemote().sendText(message);
        }
    }

    @OnMessage
    public void binary(ByteBuffer message, Session session) throws IOException {
        session.getBasicRemote().sendBinary(message);
    }

    @OnMessage
    public void pong(PongMessage pong) {
        PONGS.add(StandardCharsets.US_ASCII.decode(pong.getApplicationData()).toString());
    }

    @OnClose
    public void closed(CloseReason reason) {
        CLOSED.add(reason.getCloseCode().getCode());
    }

    /** Without this method Tomcat logs what is no error of the server: a client that vanished. */
    @OnError
    public void failed(Throwable failure) {}
}
