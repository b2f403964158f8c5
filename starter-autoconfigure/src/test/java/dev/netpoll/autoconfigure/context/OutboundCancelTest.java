// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.jdbc.ContextDataSource;
import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/**
 * Cancels of a real PostgreSQL's queries whose sockets are on the loops, plain and over TLS, by threads that
 * the loops carry. The figures are printed; {@code -Dnetpoll.long=true} takes more of everything.
 */
@ExtendWith(PostgresContainer.class)
class OutboundCancelTest {

    private static final boolean LONG = Boolean.getBoolean("netpoll.long");
    private static final int POOL = 6;

    private final PostgresContainer.Server server;

    @TempDir private Path directory;

    private NetpollEngine engine;

    OutboundCancelTest(PostgresContainer.Server server) {
        this.server = server;
    }

    @BeforeEach
    void start() throws Exception {
        PostgresTls.switchOn(server, directory);
        engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));
    }

    @AfterEach
    void stop() {
        engine.release();
    }

    private HikariDataSource pool(boolean tls) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(server.url());
        pool.setUsername(server.username());
        pool.setPassword(server.password());
        pool.setMaximumPoolSize(POOL);
        pool.setMinimumIdle(POOL);
        pool.addDataSourceProperty("socketFactory", NetpollSocketFactory.class.getName());
        pool.addDataSourceProperty("sslmode", tls ? "require" : "disable");
        return pool;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCancelledQueryIsGoneAndItsConnectionBackInThePool(boolean tls) throws Exception {
        int rounds = LONG ? 200 : 40;
        try (HikariDataSource hikari = pool(tls);
                Connection observer = server.connect()) {
            ContextDataSource pool = new ContextDataSource(hikari);
            fill(hikari);
            assertThat(engine.outbound()).as("the pool is on the engine").hasSize(POOL);
            cancelled(pool, hikari, observer, 0); // the first is for the class loader
            Set<Integer> before = pids(hikari);
            long[] took = new long[rounds];
            for (int i = 0; i < rounds; i++) {
                took[i] = cancelled(pool, hikari, observer, i);
            }
            print("cancel to gone, " + (tls ? "TLS" : "plain"), took);
            assertThat(pids(hikari)).as("the same connections").isEqualTo(before);
        }
        Bounded.until(() -> engine.outbound().isEmpty(), () -> engine.outbound());
    }

    /** How long after the end of its context the query was gone and its connection back. */
    private long cancelled(DataSource pool, HikariDataSource hikari, Connection observer, int round)
            throws Exception {
        boolean byDeadline = round % 2 == 1;
        CancelScope scope =
                byDeadline
                        ? CancelContext.background().withTimeout(Duration.ofMillis(100))
                        : CancelContext.background().withCancel();
        FutureTask<String> work = onALoop(() -> state(pool, scope, "select pg_sleep(30)"));
        Deadline end = scope.deadline();
        if (end == null) {
            Bounded.until("the query runs", () -> running(observer) == 1);
            scope.cancel();
            end = Deadline.after(Duration.ZERO);
        } else {
            Bounded.until("the deadline", end::isExpired);
        }
        Bounded.until(
                "gone",
                () ->
                        running(observer) == 0
                                && hikari.getHikariPoolMXBean().getActiveConnections() == 0);
        long took = -end.remainingNanos();
        assertThat(Bounded.get(work)).isEqualTo("57014");
        return took;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noOtherQueryIsHitAndNoConnectionIsLost(boolean tls) throws Exception {
        int cancels = LONG ? 10_000 : 1_000;
        AtomicInteger cancelled = new AtomicInteger();
        AtomicInteger innocents = new AtomicInteger();
        try (HikariDataSource hikari = pool(tls)) {
            ContextDataSource pool = new ContextDataSource(hikari);
            fill(hikari);
            Set<Integer> before = pids(hikari);
            List<FutureTask<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(onALoop(() -> cancelUntil(pool, cancelled, cancels)));
            }
            for (int i = 0; i < 4; i++) {
                all.add(onALoop(() -> innocentUntil(pool, innocents, cancelled, cancels)));
            }
            for (FutureTask<Boolean> task : all) {
                assertThat(task.get()).isTrue();
            }
            assertThat(innocents.get()).isPositive();
            assertThat(pids(hikari)).as("the same connections").isEqualTo(before);
        }
        System.out.printf(
                "%s: %d cancelled, %d innocent queries, none hit%n",
                tls ? "TLS" : "plain", cancelled.get(), innocents.get());
        Bounded.until(() -> engine.outbound().isEmpty(), () -> engine.outbound());
    }

    private static boolean cancelUntil(DataSource pool, AtomicInteger cancelled, int cancels)
            throws Exception {
        while (cancelled.get() < cancels) {
            int micros = ThreadLocalRandom.current().nextInt(500, 8_000);
            try (CancelScope scope =
                    CancelContext.background().withTimeout(Duration.ofNanos(micros * 1_000L))) {
                String sql = "select pg_sleep(" + ThreadLocalRandom.current().nextInt(8) + "e-3)";
                String state = state(pool, scope, sql);
                assertThat(state).isIn("", "57014");
                if (!state.isEmpty()) {
                    cancelled.incrementAndGet();
                }
            }
        }
        return true;
    }

    private static boolean innocentUntil(
            DataSource pool, AtomicInteger count, AtomicInteger cancelled, int cancels)
            throws Exception {
        while (cancelled.get() < cancels) {
            String sql = "select count(*) from generate_series(1, 3000)";
            assertThat(state(pool, CancelContext.background().withCancel(), sql)).isEmpty();
            count.incrementAndGet();
        }
        return true;
    }

    /** How the query ended: an SQLSTATE, or nothing. Waiting for a connection counts as cancelled. */
    private static String state(DataSource pool, CancelScope scope, String sql) throws Exception {
        return scope.call(
                () -> {
                    try (Connection connection = pool.getConnection();
                            Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                        return "";
                    } catch (SQLException e) {
                        return "57014".equals(e.getSQLState()) ? "57014" : String.valueOf(e);
                    }
                });
    }

    private <T> FutureTask<T> onALoop(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        engine.fork("query", task);
        return task;
    }

    private static void fill(HikariDataSource pool) {
        Bounded.until(
                "the pool is full",
                () -> {
                    try (Connection any = pool.getConnection()) {
                        return any.isValid(1)
                                && pool.getHikariPoolMXBean().getTotalConnections() == POOL;
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /** The backends of the pool's connections, which are all taken at once. */
    private static Set<Integer> pids(HikariDataSource pool) throws SQLException {
        List<Connection> all = new ArrayList<>();
        Set<Integer> pids = new TreeSet<>();
        try {
            for (int i = 0; i < POOL; i++) {
                Connection connection = pool.getConnection();
                all.add(connection);
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
                    row.next();
                    pids.add(row.getInt(1));
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.close();
            }
        }
        return pids;
    }

    private static int running(Connection observer) {
        try (Statement statement = observer.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "select count(*) from pg_stat_activity where state = 'active' and"
                                        + " query like '%pg_sleep%' and pid <> pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void print(String what, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        System.out.printf(
                "%s: median %.1f ms, p99 %.1f ms, most %.1f ms of %d%n",
                what,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6,
                sorted.length);
    }
}
