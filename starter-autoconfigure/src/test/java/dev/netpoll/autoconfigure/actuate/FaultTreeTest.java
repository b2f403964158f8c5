// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.ConnectionsReport;
import dev.netpoll.actuate.NetpollDescriptor;
import dev.netpoll.actuate.NetpollEndpoint;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Branches of {@code docs/diagnose.md} that no other test brings about: each shows exactly the symptom the
 * page names. The endpoint is asked as a bean, so that asking is no connection.
 */
class FaultTreeTest {

    private static final int N = 7;
    private static final String GATE = "fault";

    private final List<Wire> clients = new ArrayList<>();
    private ConfigurableApplicationContext context;

    @AfterEach
    void close() throws Exception {
        open();
        for (Wire client : clients) {
            client.close();
        }
        context.close();
    }

    // ---- half-closed storm ----------------------------------------------------------------------

    @Test
    void clientsThatCloseTheirSideAndStayCancelTheirRequestsWithoutAnErrno() throws Exception {
        start("--netpoll.cancel.half-close-window=0");
        halfClosed("/gate/" + GATE);
        NetpollDescriptor seen =
                eventuallySeen(all -> closed(all, "peer") == N && all.connections().open() == 0);

        assertThat(seen.contexts().ended()).containsEntry("client-disconnected", (long) N);
        assertThat(seen.contexts().active()).isZero();
        assertThat(seen.errno()).as("no reset, so no errno").doesNotContainKey("recv");
        assertThat(seen.connections().accepted()).isEqualTo(N);
    }

    @Test
    void whereOnlyAResetCountsHalfClosedClientsAreServedAndSeenAsSuch() throws Exception {
        start("--netpoll.cancel.on-peer-close=rst");
        halfClosed("/gate/" + GATE);
        NetpollDescriptor seen = eventuallySeen(all -> all.contexts().active() == N);

        assertThat(seen.connections().open()).isEqualTo(N);
        assertThat(seen.connections().active()).isEqualTo(N);
        assertThat(seen.contexts().ended()).containsEntry("client-disconnected", 0L);
        open();
        for (Wire client : clients) {
            assertThat(client.status()).isEqualTo(200);
            client.awaitEnd();
        }
        seen = eventuallySeen(all -> all.connections().open() == 0);
        assertThat(seen.connections().closed()).containsEntry("peer", (long) N);
        assertThat(seen.contexts().ended()).containsEntry("completed", (long) N);
    }

    // ---- context never cancelled ----------------------------------------------------------------

    @Test
    void aRequestThatNothingEndsHasNeitherADeadlineNorACause() throws Exception {
        start();
        connect().get("/gate/" + GATE);
        ConnectionsReport.Row row = serving("GET /gate/" + GATE);
        NetpollDescriptor seen = endpoint().netpoll();

        assertThat(row.deadlineLeftMillis()).as("no rule gives it a deadline").isNull();
        assertThat(row.cancelled()).as("nobody has cancelled it").isNull();
        assertThat(seen.contexts().active()).isEqualTo(1);
        assertThat(seen.deadlines().expired()).containsEntry("request", 0L);
        assertThat(seen.tasks().overdue().count()).isZero();
    }

    @Test
    void aRequestThatDoesNotHeedItsCancelIsOverdue() throws Exception {
        start("--netpoll.deadlines.default=50ms", "--netpoll.overdue.grace=1ms");
        assertThat(connect().get("/stray/" + GATE).status()).isEqualTo(503);
        NetpollDescriptor seen =
                eventuallySeen(
                        all ->
                                all.tasks().overdue().count() == 1
                                        && all.contexts().hardDeadlines() == 1);

        assertThat(seen.contexts().active()).as("its handler is still in there").isEqualTo(1);
        assertThat(seen.deadlines().expired()).as("told at its end").containsEntry("request", 0L);
        open();
        seen = eventuallySeen(all -> all.contexts().active() == 0);
        assertThat(seen.deadlines().expired()).containsEntry("request", 1L);
    }

    // ---- leaked connection ----------------------------------------------------------------------

    @Test
    void theHandlerThatNeverReturnsIsTheOldestConnection() throws Exception {
        start("--management.endpoint.netpoll.access=unrestricted");
        Wire leaked = connect().get("/gate/" + GATE);
        ConnectionsReport.Row first = serving("GET /gate/" + GATE);
        for (int i = 0; i < N; i++) {
            try (Wire other = Wire.to(ObservedApplication.port(context)).get("/hello")) {
                assertThat(other.status()).isEqualTo(200);
            }
        }
        NetpollDescriptor seen =
                eventuallySeen(all -> closed(all, "peer") == N && all.connections().open() == 1);

        assertThat(seen.connections().open()).as("all but the leaked one").isEqualTo(1);
        Wire newer = connect().get("/hello");
        assertThat(newer.status()).isEqualTo(200);
        ConnectionsReport.Row oldest = report(null, 1).connections().getFirst();
        assertThat(oldest.id()).isEqualTo(first.id());
        assertThat(oldest.state()).isEqualTo("serving");
        assertThat(oldest.ageMillis()).isGreaterThan(first.ageMillis());
        assertThat(oldest.waitsFor()).as("for the gate, and not the client").isEqualTo("latch");

        endpoint().end("connections", oldest.id());
        leaked.awaitEnd();
        eventuallySeen(all -> all.contexts().active() == 0 && closed(all, "operator") == 1);
    }

    private void start(String... properties) {
        context = ObservedApplication.run(properties);
    }

    private void open() {
        context.getBean(ObservedApplication.Handlers.class).open(GATE);
    }

    private Wire connect() throws Exception {
        Wire client = Wire.to(ObservedApplication.port(context));
        clients.add(client);
        return client;
    }

    /** Clients that ask, say that they will send no more, and hang. */
    private void halfClosed(String path) throws Exception {
        for (int i = 0; i < N; i++) {
            connect().get(path).halfClose();
        }
    }

    private ConnectionsReport report(String state, int limit) {
        return (ConnectionsReport) endpoint().section("connections", state, limit);
    }

    private ConnectionsReport.Row serving(String request) throws Exception {
        return eventually(
                        () -> report("serving", N),
                        seen ->
                                !seen.connections().isEmpty()
                                        && request.equals(seen.connections().getFirst().request()))
                .connections()
                .getFirst();
    }

    private NetpollEndpoint endpoint() {
        return context.getBean(NetpollEndpoint.class);
    }

    /** The report after the one that {@code wanted} holds for: that was put together part by part. */
    private NetpollDescriptor eventuallySeen(Predicate<NetpollDescriptor> wanted) throws Exception {
        eventually(() -> endpoint().netpoll(), wanted);
        return endpoint().netpoll();
    }

    private static long closed(NetpollDescriptor seen, String by) {
        return seen.connections().closed().get(by);
    }
}
