// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/** What a handler waits for is told of its connection, while it waits. */
class HandlerWaitTest {

    /** What a handler does until it is told to end. */
    private interface Waiting {
        void run(NetpollEngine engine) throws Exception;
    }

    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void aLatch() throws Exception {
        assertTold("latch", engine -> Bounded.await(end));
    }

    @Test
    void aLock() throws Exception {
        ReentrantLock held = new ReentrantLock();
        CountDownLatch locked = new CountDownLatch(1);
        CompletableFuture<Void> holder =
                Bounded.background(
                        () -> {
                            held.lock();
                            locked.countDown();
                            Bounded.await(end);
                            held.unlock();
                            return null;
                        });
        Bounded.await(locked);

        assertTold("lock", engine -> held.lock());
        Bounded.value(holder);
    }

    @Test
    void aFuture() throws Exception {
        CompletableFuture<Void> future =
                Bounded.background(
                        () -> {
                            Bounded.await(end);
                            return null;
                        });

        assertTold("future", engine -> future.get());
    }

    @Test
    void aSleep() throws Exception {
        assertTold(
                "sleep",
                engine -> {
                    while (end.getCount() > 0) {
                        Thread.sleep(20);
                    }
                });
    }

    @Test
    void thePeerOfAnOutboundSocketAndForHowLong() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String peer = "127.0.0.1:" + silent.getLocalPort();
            CompletableFuture<Void> answering =
                    Bounded.background(
                            () -> {
                                try (Socket accepted = silent.accept()) {
                                    Bounded.await(end);
                                    accepted.getOutputStream().write(1);
                                }
                                return null;
                            });

            ConnectionSnapshot seen =
                    assertTold(
                            peer,
                            engine -> {
                                try (Socket socket =
                                        new NetpollSocketFactory(engine)
                                                .createSocket("127.0.0.1", silent.getLocalPort())) {
                                    assertThat(socket.getInputStream().read()).isEqualTo(1);
                                }
                            });

            assertThat(seen.waiting()).isPositive();
            Bounded.value(answering);
        }
    }

    private ConnectionSnapshot assertTold(String what, Waiting handler) throws Exception {
        TestServer.Builder builder = TestServer.on(NetpollHttp11Protocol.class.getName());
        List<NetpollHttp11Protocol> protocols = new java.util.concurrent.CopyOnWriteArrayList<>();
        builder.connector(
                connector -> protocols.add((NetpollHttp11Protocol) connector.getProtocolHandler()));
        builder.handle(
                "/wait",
                (request, response) -> {
                    try {
                        handler.run(Objects.requireNonNull(protocols.getFirst().engine()));
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
        try (TestServer server = builder.start()) {
            RawClient client = server.connect().get("/wait");
            ConnectionSnapshot seen =
                    Bounded.eventually(
                                    () ->
                                            protocols.getFirst().connections(null, 10).stream()
                                                    .findFirst(),
                                    rows -> rows.isPresent() && what.equals(rows.get().waitsFor()))
                            .orElseThrow();
            assertThat(seen.state()).isEqualTo(ConnectionState.SERVING);
            end.countDown();
            assertThat(client.receive().status()).isEqualTo(200);
            return seen;
        }
    }
}
