// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.Operation;
import dev.netpoll.context.QuietLog;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/** Each kind of call is cancelled in a real PostgreSQL, and its connection is as good as before. */
@ExtendWith(PostgresContainer.class)
class PostgresCancelTest {

    private final PostgresContainer.Server server;
    private final HikariDataSource hikari;
    private final Backends backends;
    private final DataSource pool;
    private final CancelScope scope = CancelContext.background().withCancel();
    private Set<Integer> before = Set.of();

    PostgresCancelTest(PostgresContainer.Server server) throws SQLException {
        this.server = server;
        backends = new Backends(server);
        hikari = server.pool(1);
        pool = ContextDataSource.wrap(hikari);
    }

    @BeforeEach
    void rememberTheConnection() throws SQLException {
        assertThat(answer()).isEqualTo(42);
        before = backends.awaitOnly(1);
    }

    @AfterEach
    void theSameConnectionIsBackAndWorks() throws SQLException {
        scope.close();
        try (backends;
                hikari) {
            Bounded.until(() -> hikari.getHikariPoolMXBean().getActiveConnections() == 0);
            assertThat(answer()).isEqualTo(42);
            assertThat(backends.awaitOnly(1)).isEqualTo(before);
        }
    }

    private int answer() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select 42")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Under the scope, on a virtual thread that it interrupts, as a request's is. */
    private <T> FutureTask<T> fork(Operation<T, SQLException> work) {
        return Bounded.fork(
                () -> {
                    try (InterruptScope _ = InterruptScope.open(scope)) {
                        return scope.call(work);
                    }
                });
    }

    private void cancelOnce(String running) {
        Bounded.until(() -> backends.running(running) == 1);
        scope.cancel("enough");
        Bounded.until(() -> backends.running(running) == 0);
    }

    private static void isCancelled(FutureTask<?> work) {
        assertThat(catchThrowable(() -> Bounded.get(work)).getCause())
                .isInstanceOf(SQLException.class)
                .hasMessageEndingWith("was cancelled: enough")
                .hasFieldOrPropertyWithValue("SQLState", "57014")
                .hasCauseInstanceOf(CancelledException.class)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).isInstanceOf(SQLException.class));
    }

    // ---- each kind of call

    @Test
    void aStatement() {
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    Statement statement = connection.createStatement()) {
                                return statement.execute("select pg_sleep(30)");
                            }
                        });
        cancelOnce("pg_sleep");
        isCancelled(work);
    }

    @Test
    void aPreparedStatement() {
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    PreparedStatement statement =
                                            connection.prepareStatement("select pg_sleep(?)")) {
                                statement.setInt(1, 30);
                                return statement.executeQuery().next();
                            }
                        });
        cancelOnce("pg_sleep");
        isCancelled(work);
    }

    @Test
    void aCallableStatement() {
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    CallableStatement statement =
                                            connection.prepareCall("{call pg_sleep(?)}")) {
                                statement.setInt(1, 30);
                                return statement.execute();
                            }
                        });
        cancelOnce("pg_sleep");
        isCancelled(work);
    }

    @Test
    void aBatch() {
        FutureTask<int[]> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    Statement statement = connection.createStatement()) {
                                statement.addBatch("create temp table t (i int)");
                                statement.addBatch("insert into t select 1 from pg_sleep(30)");
                                statement.addBatch("insert into t values (2)");
                                return statement.executeBatch();
                            }
                        });
        cancelOnce("pg_sleep");
        isCancelled(work);
    }

    @Test
    void aFetchOfFurtherRows() {
        CountDownLatch half = new CountDownLatch(1);
        FutureTask<Integer> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection()) {
                                connection.setAutoCommit(false);
                                return countRows(connection, half);
                            }
                        });
        Bounded.await(half);
        cancelOnce("generate_series");
        isCancelled(work);
    }

    /** The first twenty rows come at once, the next do not. */
    private static int countRows(Connection connection, CountDownLatch half) throws SQLException {
        String sql =
                "select i from generate_series(1, 100) i"
                        + " where i <= 20 or (select true from pg_sleep(30))";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(10);
            ResultSet rows = statement.executeQuery();
            int count = 0;
            while (rows.next()) {
                if (++count == 20) {
                    half.countDown();
                }
            }
            return count;
        }
    }

    @Test
    void aWaitForARowLock() throws Exception {
        try (Connection holder = server.connect();
                Statement lock = holder.createStatement()) {
            holder.setAutoCommit(false);
            lock.execute("create table if not exists locked (i int)");
            lock.execute("truncate locked");
            lock.execute("insert into locked values (1)");
            holder.commit();
            lock.execute("update locked set i = 2");
            FutureTask<Integer> work =
                    fork(
                            () -> {
                                try (Connection connection = pool.getConnection();
                                        Statement statement = connection.createStatement()) {
                                    return statement.executeUpdate("update locked set i = 3");
                                }
                            });
            cancelOnce("set i = 3");
            isCancelled(work);
            holder.rollback();
        }
    }

    @Test
    void byADeadline() {
        CancelScope timed = CancelContext.background().withTimeout(Duration.ofMillis(200));
        assertThatThrownBy(
                        () ->
                                timed.call(
                                        () -> {
                                            try (Connection connection = pool.getConnection();
                                                    Statement statement =
                                                            connection.createStatement()) {
                                                return statement.execute("select pg_sleep(30)");
                                            }
                                        }))
                .isInstanceOf(SQLTimeoutException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    // ---- the connection itself

    @Test
    void theWaitForAConnection() throws Exception {
        try (Connection _ = pool.getConnection()) {
            FutureTask<Boolean> work =
                    Bounded.fork(
                            () -> {
                                assertThatThrownBy(() -> scope.call(pool::getConnection))
                                        .hasMessage("getConnection was cancelled: enough")
                                        .hasCauseInstanceOf(CancelledException.class);
                                return Thread.interrupted();
                            });
            Bounded.until(() -> waiting() == 1);
            scope.cancel("enough");
            assertThat(Bounded.get(work)).as("an interrupt is left").isFalse();
            assertThat(waiting()).isZero();
        }
    }

    private int waiting() {
        return hikari.getHikariPoolMXBean().getThreadsAwaitingConnection();
    }

    @Test
    void aTransactionIsRolledBackAndSaysWhy() throws Exception {
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    Statement statement = connection.createStatement()) {
                                connection.setAutoCommit(false);
                                statement.execute("create table half_done (i int)");
                                scope.cancel("enough");
                                assertThatThrownBy(connection::commit)
                                        .hasMessage("commit was not begun: enough");
                                connection.setAutoCommit(true);
                                return true;
                            }
                        });
        assertThat(Bounded.get(work)).isTrue();
        try (Connection connection = pool.getConnection();
                ResultSet rows =
                        connection.getMetaData().getTables(null, null, "half_done", null)) {
            assertThat(rows.next()).as("it was committed").isFalse();
        }
    }

    @Test
    void aNetworkThatSwallowsEverythingCostsTheConnectionAndNoMore() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.host(), server.port());
                HikariDataSource far = server.poolThrough(proxy.port(), 1);
                QuietLog _ = new QuietLog(GuardedCall.class)) {
            DataSource stalling =
                    ContextDataSource.wrap(
                            far,
                            new JdbcSettings(Duration.ofMillis(5), Duration.ofMillis(200), true),
                            CancelListener.NONE);
            FutureTask<Boolean> work =
                    fork(
                            () -> {
                                try (Connection connection = stalling.getConnection();
                                        Statement statement = connection.createStatement()) {
                                    proxy.stall();
                                    return statement.execute("select 1");
                                }
                            });
            Bounded.until(proxy::isHoldingSomething);
            scope.cancel("enough");
            isCancelled(work);
            proxy.flow();
            Bounded.until(() -> far.getHikariPoolMXBean().getActiveConnections() == 0);
            try (Connection connection = stalling.getConnection()) {
                assertThat(connection.isValid(5)).as("a new one took its place").isTrue();
            }
        }
    }
}
