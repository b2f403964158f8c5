// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import jakarta.websocket.CloseReason;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;

import org.apache.tomcat.websocket.Constants;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends until it fails, or waits, as a message says. */
@ServerEndpoint("/flood")
public final class FloodEndpoint {

    static final long SEND_MILLIS = 200;

    /** What sending has ended with. */
    static final BlockingQueue<Throwable> FAILURES = new LinkedBlockingQueue<>();

    /** What the container has told. */
    static final BlockingQueue<Throwable> ERRORS = new LinkedBlockingQueue<>();

    static final BlockingQueue<Integer> CLOSED = new LinkedBlockingQueue<>();

    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch release = new CountDownLatch(1);

    static void reset() {
        FAILURES.clear();
        ERRORS.clear();
        CLOSED.clear();
        entered = new CountDownLatch(1);
        release = new CountDownLatch(1);
    }

    @OnMessage
    public void text(String message, Session session) throws Exception {
        entered.countDown();
        switch (message) {
            case "blocking" -> flood(() -> session.getBasicRemote().sendBinary(four()), session);
            case "async" -> flood(() -> session.getAsyncRemote().sendBinary(four()).get(), session);
            case "patient" -> // as long as it likes, and not as the container does
                    sendUntilOneFails(
                            () ->
                                    session.getAsyncRemote()
                                            .sendBinary(four())
                                            .get(SEND_MILLIS, TimeUnit.MILLISECONDS));
            case "thread" ->
                    Thread.ofPlatform()
                            .name("flood")
                            .start(
                                    () ->
                                            flood(
                                                    () ->
                                                            session.getBasicRemote()
                                                                    .sendBinary(four()),
                                                    session));
            default -> {
                Bounded.await(release);
                session.getBasicRemote().sendText("answer to " + message);
            }
        }
    }

    private static ByteBuffer four() {
        return ByteBuffer.allocate(4096);
    }

    private interface Send {
        void once() throws Exception;
    }

    private static void flood(Send send, Session session) {
        session.getUserProperties().put(Constants.BLOCKING_SEND_TIMEOUT_PROPERTY, SEND_MILLIS);
        session.getAsyncRemote().setSendTimeout(SEND_MILLIS);
        sendUntilOneFails(send);
    }

    private static void sendUntilOneFails(Send send) {
        try {
            while (true) {
                send.once();
            }
        } catch (Exception e) {
            FAILURES.add(e);
        }
    }

    @OnClose
    public void closed(CloseReason reason) {
        CLOSED.add(reason.getCloseCode().getCode());
    }

    @OnError
    public void failed(Throwable failure) {
        ERRORS.add(failure);
    }
}
