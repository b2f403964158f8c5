// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.Figures;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many cancels of a real PostgreSQL's queries, with innocent queries on the same pool beside them.
 * {@code -Dnetpoll.long=true} takes more of everything; the figures are printed.
 */
@ExtendWith(PostgresContainer.class)
class CancelStormTest {

    private final PostgresContainer.Server server;
    private final HikariDataSource hikari;
    private final Backends backends;

    CancelStormTest(PostgresContainer.Server server) throws SQLException {
        this.server = server;
        hikari = server.pool(6);
        backends = new Backends(server);
    }

    @AfterEach
    void nothingIsLeftBehind() throws SQLException {
        try (backends;
                hikari) {
            Bounded.until(() -> hikari.getHikariPoolMXBean().getActiveConnections() == 0);
        }
    }

    // ---- how fast

    @Test
    void aCancelledQueryIsGoneFromTheServer() throws Exception {
        DataSourceUnderTest pool = new DataSourceUnderTest(hikari);
        int rounds = Figures.rounds(40, 200);
        pool.touchAll();
        sleepCancelled(pool, 0); // the first is for the class loader
        Set<Integer> before = backends.awaitOnly(hikari.getMaximumPoolSize());
        long[] took = new long[rounds];
        for (int i = 0; i < rounds; i++) {
            took[i] = sleepCancelled(pool, i);
        }
        Figures.print("cancel to gone from pg_stat_activity", took);
        assertThat(backends.pids()).as("the same connections").isEqualTo(before);
    }

    /** How long after the end of its context the query was gone. Every other end is a deadline. */
    private long sleepCancelled(DataSourceUnderTest pool, int round) throws Exception {
        boolean byDeadline = round % 2 == 1;
        CancelScope scope =
                byDeadline
                        ? CancelContext.background().withTimeout(Duration.ofMillis(100))
                        : CancelContext.background().withCancel();
        FutureTask<String> work = Bounded.fork(() -> pool.state(scope, "select pg_sleep(30)"));
        if (!byDeadline) {
            Bounded.until(() -> backends.running("pg_sleep") == 1);
        }
        Deadline end = byDeadline ? scope.deadline() : Deadline.after(Duration.ZERO);
        if (byDeadline) {
            Bounded.until(end::isExpired);
        } else {
            scope.cancel();
        }
        Bounded.until(() -> backends.running("pg_sleep") == 0);
        long took = -end.remainingNanos();
        assertThat(Bounded.get(work)).isEqualTo("57014");
        return took;
    }

    // ---- how precisely

    @Test
    void noOtherQueryIsHitAndNoConnectionIsLost() throws Exception {
        int cancels = Figures.rounds(1_000, 10_000);
        DataSourceUnderTest pool = new DataSourceUnderTest(hikari);
        pool.touchAll();
        Set<Integer> before = backends.awaitOnly(hikari.getMaximumPoolSize());
        Innocents innocents = new Innocents(pool);
        List<FutureTask<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(Bounded.fork(innocents::run));
        }
        for (int i = 0; i < 8; i++) {
            all.add(Bounded.fork(() -> cancelUntil(pool, cancels)));
        }
        for (FutureTask<Boolean> task : all.subList(4, all.size())) {
            assertThat(task.get()).isTrue();
        }
        innocents.stop();
        for (FutureTask<Boolean> task : all) {
            assertThat(Bounded.get(task)).isTrue();
        }
        System.out.printf(
                "cancelled calls: %d, cancels sent: %d, completed in spite: %d, innocent queries:"
                        + " %d%n",
                pool.cancelled.get(), pool.sent.get(), pool.completed.get(), innocents.count.get());
        assertThat(innocents.hits).as("innocent queries that were hit").isEmpty();
        assertThat(innocents.count.get()).isPositive();
        assertThat(backends.pids()).as("the same connections").isEqualTo(before);
    }

    /** Queries that end about when their deadline comes: where a late cancel would do harm. */
    private static boolean cancelUntil(DataSourceUnderTest pool, int cancels) throws Exception {
        while (pool.cancelled.get() < cancels) {
            int micros = ThreadLocalRandom.current().nextInt(500, 8_000);
            try (CancelScope scope =
                    CancelContext.background().withTimeout(Duration.ofNanos(micros * 1_000L))) {
                String sql = "select pg_sleep(" + ThreadLocalRandom.current().nextInt(8) + "e-3)";
                assertThat(pool.state(scope, sql)).isIn("", "57014");
            }
        }
        return true;
    }

    /** What the checker is worth: it sees the hit when the sender of a cancel is not waited for. */
    @Test
    void anUnfencedCancelWouldBeSeen() throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            PGConnection driver = connection.unwrap(PGConnection.class);
            String state = "";
            for (int i = 0; i < 1_000 && state.isEmpty(); i++) {
                FutureTask<Boolean> late =
                        Bounded.fork(
                                () -> {
                                    driver.cancelQuery();
                                    return true;
                                });
                state = DataSourceUnderTest.state(statement, "select pg_sleep(0.05)");
                Bounded.get(late);
            }
            assertThat(state).isEqualTo("57014");
        }
    }

    /** Short queries of nobody's in particular, over the whole pool. */
    private static final class Innocents {

        final List<String> hits = new CopyOnWriteArrayList<>();
        final AtomicLong count = new AtomicLong();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final DataSourceUnderTest pool;

        Innocents(DataSourceUnderTest pool) {
            this.pool = pool;
        }

        boolean run() throws Exception {
            while (!stopped.get()) {
                String sql = "select count(*) from generate_series(1, 3000)";
                String state = pool.state(CancelContext.background(), sql);
                if (!state.isEmpty()) {
                    hits.add(state);
                }
                count.incrementAndGet();
            }
            return true;
        }

        void stop() {
            stopped.set(true);
        }
    }

    /** The wrapped pool, and how its queries ended. */
    private static final class DataSourceUnderTest {

        final AtomicInteger cancelled = new AtomicInteger();
        final AtomicInteger sent = new AtomicInteger();
        final AtomicInteger completed = new AtomicInteger();
        private final HikariDataSource hikari;
        private final ContextDataSource pool;

        DataSourceUnderTest(HikariDataSource hikari) {
            this.hikari = hikari;
            pool =
                    new ContextDataSource(
                            hikari,
                            new JdbcSettings(Duration.ofMillis(5), Duration.ofSeconds(20), true),
                            report -> {
                                cancelled.incrementAndGet();
                                sent.addAndGet(report.cancelsSent());
                            });
        }

        /** Has the pool open all its connections. */
        void touchAll() throws SQLException {
            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < hikari.getMaximumPoolSize(); i++) {
                all.add(pool.getConnection());
            }
            for (Connection connection : all) {
                connection.close();
            }
        }

        /** The SQLSTATE it ended with, empty for none. The connection is not what is waited for. */
        String state(CancelContext context, String sql) throws SQLException {
            try (Connection connection = pool.getConnection();
                    InterruptScope _ = InterruptScope.open(context)) {
                return context.call(
                        () -> {
                            try (Statement statement = connection.createStatement()) {
                                String state = state(statement, sql);
                                if (state.isEmpty() && context.isCancelled()) {
                                    completed.incrementAndGet();
                                }
                                return state;
                            }
                        });
            }
        }

        static String state(Statement statement, String sql) throws SQLException {
            try (ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
                return "";
            } catch (SQLException e) {
                return e.getSQLState();
            }
        }
    }
}
