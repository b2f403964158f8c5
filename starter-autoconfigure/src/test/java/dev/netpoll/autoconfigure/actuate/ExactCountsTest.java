// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollDescriptor;
import dev.netpoll.actuate.NetpollEndpoint;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What the endpoint counts, against what the clients did, number for number. The endpoint is asked as a
 * bean, so that asking is no connection.
 */
class ExactCountsTest {

    private static final int N = 7;

    private final List<Wire> clients = new ArrayList<>();
    private ConfigurableApplicationContext context;

    @AfterEach
    void close() throws Exception {
        context.getBean(ObservedApplication.Handlers.class).open("exact");
        for (Wire client : clients) {
            client.close();
        }
        context.close();
    }

    @Test
    void everyHeaderThatNeverComesIsOneExpiredDeadline() throws Exception {
        start("--server.tomcat.connection-timeout=300ms");
        for (int i = 0; i < N; i++) {
            Wire silent = connect();
            Wire half = connect().send("GET /hello HTTP/1.1\r\nHost: loc");
            silent.awaitEnd();
            half.awaitEnd();
        }
        NetpollDescriptor seen =
                eventuallySeen(
                        all -> closed(all, "deadline") >= 2 * N && all.connections().open() == 0);

        assertExpired(seen, 2 * N, 0, 0, 0, 0);
        assertClosed(seen, 0, 0, 2 * N);
        assertThat(seen.connections().accepted()).isEqualTo(2 * N);
    }

    @Test
    void everyConnectionThatIsKeptAliveTooLongIsOneExpiredDeadline() throws Exception {
        start("--server.tomcat.keep-alive-timeout=300ms");
        for (int i = 0; i < N; i++) {
            Wire client = connect().get("/hello");
            assertThat(client.status()).isEqualTo(200);
            client.awaitEnd();
        }
        NetpollDescriptor seen = eventuallySeen(all -> closed(all, "deadline") >= N);

        assertExpired(seen, 0, 0, 0, N, 0);
        assertClosed(seen, 0, 0, N);
        assertThat(seen.contexts().ended()).containsEntry("completed", (long) N);
    }

    @Test
    void everyBodyThatStopsIsOneExpiredDeadline() throws Exception {
        start("--server.tomcat.connection-timeout=3s");
        for (int i = 0; i < N; i++) {
            connect()
                    .send(
                            "POST /body HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Type: text/plain\r\n"
                                    + "Content-Length: 9\r\n\r\nhalf");
        }
        NetpollDescriptor seen = eventuallySeen(all -> closed(all, "deadline") >= N);

        assertExpired(seen, 0, N, 0, 0, 0);
        assertClosed(seen, 0, 0, N);
    }

    @Test
    void everyResponseThatNobodyReadsIsOneExpiredDeadline() throws Exception {
        start("--server.tomcat.connection-timeout=3s");
        for (int i = 0; i < N; i++) {
            Wire narrow = Wire.narrow(ObservedApplication.port(context));
            clients.add(narrow);
            narrow.get("/large?bytes=30000000");
        }
        NetpollDescriptor seen = eventuallySeen(all -> closed(all, "deadline") >= N);

        assertExpired(seen, 0, 0, N, 0, 0);
        assertClosed(seen, 0, 0, N);
    }

    @Test
    void everyRequestThatTakesTooLongIsOneExpiredDeadline() throws Exception {
        start("--netpoll.deadlines.default=200ms");
        for (int i = 0; i < N; i++) {
            assertThat(connect().get("/gate/exact").status()).isEqualTo(503);
        }
        NetpollDescriptor seen =
                eventuallySeen(all -> all.contexts().ended().get("deadline-exceeded") >= N);

        assertExpired(seen, 0, 0, 0, 0, N);
        assertThat(seen.contexts().ended())
                .containsEntry("deadline-exceeded", (long) N)
                .containsEntry("completed", 0L);
        assertThat(seen.contexts().active()).isZero();
    }

    @Test
    void everyResetIsOneErrnoAndOneClosedByThePeer() throws Exception {
        start();
        for (int i = 0; i < N; i++) {
            Wire client = Wire.to(ObservedApplication.port(context)).get("/hello");
            assertThat(client.status()).isEqualTo(200);
            eventuallySeen(all -> all.waiters().idle() == 1);
            client.reset();
            eventuallySeen(all -> all.connections().open() == 0);
        }
        NetpollDescriptor seen = endpoint().netpoll();

        assertThat(seen.errno().get("recv").get("ECONNRESET").count()).isEqualTo(N);
        assertThat(seen.errno()).containsOnlyKeys("recv");
        assertClosed(seen, N, 0, 0);
        assertExpired(seen, 0, 0, 0, 0, 0);
        assertThat(seen.connections().accepted()).isEqualTo(N);
    }

    @Test
    void everyClientThatLeavesIsOneCancelledContext() throws Exception {
        start();
        for (int i = 0; i < N; i++) {
            Wire client = Wire.to(ObservedApplication.port(context)).get("/gate/exact");
            eventuallySeen(all -> all.contexts().active() == 1);
            client.close();
            eventuallySeen(all -> all.contexts().active() == 0);
        }
        NetpollDescriptor seen = eventuallySeen(all -> all.connections().open() == 0);

        assertThat(seen.contexts().ended())
                .containsEntry("client-disconnected", (long) N)
                .containsEntry("completed", 0L);
        assertClosed(seen, N, 0, 0);
    }

    @Test
    void whatTheServerClosesIsClosedByTheServer() throws Exception {
        start();
        for (int i = 0; i < N; i++) {
            Wire client =
                    connect()
                            .send(
                                    "GET /hello HTTP/1.1\r\nHost: localhost\r\n"
                                            + "Connection: close\r\n\r\n");
            client.awaitEnd();
        }
        NetpollDescriptor seen = eventuallySeen(all -> all.connections().open() == 0);

        assertClosed(seen, 0, N, 0);
        assertThat(seen.contexts().ended()).containsEntry("completed", (long) N);
    }

    private void start(String... properties) {
        context = ObservedApplication.run(properties);
    }

    private Wire connect() throws Exception {
        Wire client = Wire.to(ObservedApplication.port(context));
        clients.add(client);
        return client;
    }

    private NetpollEndpoint endpoint() {
        return context.getBean(NetpollEndpoint.class);
    }

    /**
     * What is there once {@code wanted} holds. A report is put together part by part, so that one part
     * may show what an earlier one was read too soon for: the next report has it in all.
     */
    private NetpollDescriptor eventuallySeen(Predicate<NetpollDescriptor> wanted) throws Exception {
        eventually(() -> endpoint().netpoll(), wanted);
        return endpoint().netpoll();
    }

    private static long closed(NetpollDescriptor seen, String by) {
        return seen.connections().closed().get(by);
    }

    private static void assertClosed(NetpollDescriptor seen, long peer, long server, long late) {
        assertThat(seen.connections().closed())
                .containsEntry("peer", peer)
                .containsEntry("server", server)
                .containsEntry("deadline", late)
                .containsEntry("shutdown", 0L)
                .containsEntry("operator", 0L);
    }

    private static void assertExpired(
            NetpollDescriptor seen, long header, long read, long write, long keepAlive, long all) {
        assertThat(seen.deadlines().expired())
                .containsEntry("header", header)
                .containsEntry("read", read)
                .containsEntry("write", write)
                .containsEntry("keep-alive", keepAlive)
                .containsEntry("request", all);
    }
}
