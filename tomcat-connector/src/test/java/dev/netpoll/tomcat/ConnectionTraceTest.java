// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the category {@code dev.netpoll.connection} tells of one connection. */
class ConnectionTraceTest extends ServerContract {

    private static final String TIMEOUT = "connectionTimeout";

    /** Held strongly: java.util.logging forgets the level of a logger nobody refers to. */
    private static final Logger CATEGORY = Logger.getLogger(ConnectionTrace.CATEGORY);

    private final Lines lines = new Lines();

    @Override
    protected ConnectorUnderTest subject() {
        return NetpollContractTest.NETPOLL;
    }

    @BeforeEach
    void listen() {
        CATEGORY.setUseParentHandlers(false);
        CATEGORY.addHandler(lines);
        CATEGORY.setLevel(Level.FINER);
    }

    @AfterEach
    void listenNoMore() {
        CATEGORY.setLevel(null);
        CATEGORY.removeHandler(lines);
        CATEGORY.setUseParentHandlers(true);
    }

    @Test
    void requestsOfAConnectionThatTheClientCloses() throws Exception {
        TestServer server = helloServer().property(TIMEOUT, 60_000).start();
        RawClient client = server.connect();
        for (int i = 0; i < 2; i++) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            lines.await("left: idle", i + 1);
        }
        client.close();

        lines.await("closed by peer", 1);
        assertThat(lines.told())
                .containsExactly(
                        "accepted from 127.0.0.1:" + client.localAddress().getPort(),
                        "armed, for 60000 ms at most",
                        "serving: OPEN_READ, request 1",
                        "armed, for 60000 ms at most",
                        "left: idle",
                        "serving: OPEN_READ, request 2",
                        "armed, for 60000 ms at most",
                        "left: idle",
                        "serving: OPEN_READ, request 3",
                        "the peer is gone",
                        "closed by peer");
    }

    @Test
    void aHeaderThatComesInTwoPieces() throws Exception {
        TestServer server = helloServer().property(TIMEOUT, 60_000).start();
        RawClient client = server.connect().send("GET /hel");
        lines.await("left: header", 1);
        client.send("lo HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(client.receive().text()).isEqualTo("hello");

        lines.await("left: idle", 1);
        assertThat(lines.told())
                .endsWith(
                        "serving: OPEN_READ, request 1",
                        "armed, for 60000 ms at most",
                        "left: header",
                        "serving: OPEN_READ",
                        "armed, for 60000 ms at most",
                        "left: idle");
    }

    @Test
    void aClientThatNeverSaysAnything() throws Exception {
        TestServer server = helloServer().property(TIMEOUT, 100).start();
        server.connect().awaitEnd();

        lines.await("closed by deadline", 1);
        assertThat(lines.told())
                .endsWith(
                        "armed, for 100 ms at most",
                        "deadline passed: header",
                        "serving: ERROR",
                        "closed by deadline");
    }

    @Test
    void aBodyThatIsWaitedForAndAServerThatCloses() throws Exception {
        CountDownLatch waits = lines.latch("reading: its thread waits for 60000 ms at most");
        TestServer server =
                server().property(TIMEOUT, 60_000)
                        .handle(
                                "/body",
                                (request, response) ->
                                        text(
                                                response,
                                                new String(
                                                        request.getInputStream().readAllBytes())))
                        .start();
        RawClient client =
                server.connect().request("POST", "/body", "Content-Length: 4", "Connection: close");
        Bounded.await(waits);
        assertThat(client.send("four").receive().text()).isEqualTo("four");
        client.awaitEnd();

        lines.await("closed by server", 1);
        assertThat(lines.told())
                .endsWith(
                        "serving: OPEN_READ, request 1",
                        "reading: its thread waits for 60000 ms at most",
                        "closed by server");
    }

    @Test
    void aResponseThatNobodyReads() throws Exception {
        String waits = "writing: its thread waits for 60000 ms at most";
        TestServer server =
                server().property(TIMEOUT, 60_000)
                        .handle(
                                "/large",
                                (request, response) -> {
                                    byte[] large = new byte[1 << 20];
                                    for (int i = 0; i < 64; i++) {
                                        response.getOutputStream().write(large);
                                    }
                                })
                        .start();
        RawClient client = server.connectSlowReader().get("/large");
        lines.await(waits, 1);
        client.reset();

        lines.await("closed by peer", 1);
        assertThat(lines.told())
                .containsSubsequence("serving: OPEN_READ, request 1", waits, "closed by peer");
    }

    @Test
    void anAsynchronousRequest() throws Exception {
        CountDownLatch left = lines.latch("left: async");
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) ->
                                        AsyncWork.later(
                                                request,
                                                context -> {
                                                    Bounded.await(left);
                                                    AsyncWork.write(context, "later");
                                                    context.complete();
                                                }))
                        .start();
        assertThat(server.connect().get("/async").receive().text()).isEqualTo("later");

        lines.await("left: idle", 1);
        assertThat(lines.told())
                .containsSubsequence("serving: OPEN_READ, request 1", "left: async", "left: idle");
    }

    @Test
    void anUpgradedConnection() throws Exception {
        TestServer server =
                server().handle(
                                "/upgrade",
                                (request, response) -> {
                                    response.setHeader("Connection", "Upgrade");
                                    response.setHeader("Upgrade", "echo");
                                    request.upgrade(UpgradedConnections.NonBlockingEcho.class);
                                })
                        .start();
        RawClient client = server.connect().get("/upgrade", "Connection: Upgrade", "Upgrade: echo");
        assertThat(client.receiveHead().status()).isEqualTo(101);

        lines.await("left: upgraded", 1);
        client.send("word");
        assertThat(client.in().readNBytes(4)).asString().isEqualTo("word");
        lines.await("left: upgraded", 2);
    }

    @Test
    void oneConnectionThatIsNamedAmongMany() throws Exception {
        CATEGORY.setLevel(null);
        TestServer server = helloServer().start();
        RawClient named = server.connect();
        RawClient other = server.connect();
        NetpollHttp11Protocol protocol = (NetpollHttp11Protocol) server.protocol();
        assertThat(named.get("/hello").receive().text()).isEqualTo("hello");
        String id = idOf(protocol, named);

        assertThat(protocol.traceConnection(id, true)).isTrue();
        assertThat(protocol.traceConnection("no-such-id", true)).isFalse();
        assertThat(other.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(named.get("/hello").receive().text()).isEqualTo("hello");
        lines.await("left: idle", 1);
        assertThat(protocol.traceConnection(id, false)).isTrue();
        assertThat(named.get("/hello").receive().text()).isEqualTo("hello");
        named.close();
        other.close();
        awaitNoConnections(server);

        assertThat(lines.records).allMatch(each -> each.getLevel() == Level.INFO);
        assertThat(lines.records)
                .allMatch(each -> each.getMessage().startsWith("connection " + id + " "));
        assertThat(lines.told())
                .endsWith(
                        "serving: OPEN_READ, request 2",
                        "armed, for 60000 ms at most",
                        "left: idle");
    }

    private static String idOf(NetpollHttp11Protocol protocol, RawClient client) {
        String remote = "127.0.0.1:" + client.localAddress().getPort();
        return protocol.connections(null, 10).stream()
                .filter(connection -> remote.equals(connection.remote()))
                .findAny()
                .orElseThrow()
                .id();
    }

    /** Keeps what is told, without the connection's id. */
    private static final class Lines extends Handler {

        private final List<LogRecord> records = new CopyOnWriteArrayList<>();
        private volatile String wanted = "";
        private volatile CountDownLatch latch = new CountDownLatch(1);

        /** Opens when {@code line} is told. Before there is traffic. */
        CountDownLatch latch(String line) {
            wanted = line;
            return latch;
        }

        void await(String line, int times) {
            Bounded.until(
                    () -> told().stream().filter(line::equals).count() >= times,
                    () -> told() + " and not " + line);
        }

        List<String> told() {
            return records.stream().map(Lines::text).toList();
        }

        private static String text(LogRecord told) {
            return told.getMessage()
                    .replaceFirst("^connection [0-9a-f]+ ", "")
                    .replaceFirst(", fd \\d+, loop \\d+$", "");
        }

        @Override
        public void publish(LogRecord told) {
            records.add(told);
            if (text(told).equals(wanted)) {
                latch.countDown();
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
