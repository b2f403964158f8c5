// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.Operation;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Set;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/** What is got from one JDBC object leads to the next: in PostgreSQL, each step is under the context. */
@ExtendWith(PostgresContainer.class)
class PostgresReachTest {

    private final HikariDataSource hikari;
    private final Backends backends;
    private final DataSource pool;
    private final CancelScope scope = CancelContext.background().withCancel();
    private Set<Integer> before = Set.of();

    PostgresReachTest(PostgresContainer.Server server) throws SQLException {
        backends = new Backends(server);
        hikari = server.pool(1);
        pool = ContextDataSource.wrap(hikari);
    }

    @BeforeEach
    void aFunctionThatReturnsACursor() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create or replace function cursor_over(seconds int) returns refcursor"
                            + " language plpgsql as $$ declare c refcursor; begin open c for"
                            + " select 1 from pg_sleep(seconds); return c; end $$");
        }
        before = backends.awaitOnly(1);
    }

    @AfterEach
    void theSameConnectionIsBackAndWorks() throws SQLException {
        scope.close();
        try (backends;
                hikari) {
            Bounded.until(() -> hikari.getHikariPoolMXBean().getActiveConnections() == 0);
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
            assertThat(backends.awaitOnly(1)).isEqualTo(before);
        }
    }

    /** Under the scope, in a transaction, on a virtual thread that the scope interrupts. */
    private <T> FutureTask<T> fork(Operation<T, SQLException> work) {
        return Bounded.fork(
                () -> {
                    try (InterruptScope _ = InterruptScope.open(scope)) {
                        return scope.call(work);
                    }
                });
    }

    @Test
    void aCursorAmongTheColumnsIsFetchedUnderTheContext() {
        FutureTask<Object> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    Statement statement = connection.createStatement()) {
                                connection.setAutoCommit(false);
                                ResultSet rows = statement.executeQuery("select cursor_over(30)");
                                rows.next();
                                return rows.getObject(1);
                            }
                        });
        Bounded.until(() -> backends.running("FETCH ALL") == 1);
        scope.cancel("enough");
        Bounded.until(() -> backends.running("FETCH ALL") == 0);
        assertThat(catchThrowable(() -> Bounded.get(work)).getCause())
                .isInstanceOf(SQLException.class)
                .hasMessage("fetch was cancelled: enough")
                .hasCauseInstanceOf(CancelledException.class);
    }

    @Test
    void aCursorThatACallReturnsIsFetchedUnderTheContext() {
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    CallableStatement call = cursorOver(connection, 30)) {
                                return call.execute();
                            }
                        });
        Bounded.until(() -> backends.running("FETCH ALL") == 1);
        scope.cancel("enough");
        assertThat(catchThrowable(() -> Bounded.get(work)).getCause())
                .hasMessage("execute was cancelled: enough");
    }

    private static CallableStatement cursorOver(Connection connection, int seconds)
            throws SQLException {
        connection.setAutoCommit(false);
        CallableStatement call = connection.prepareCall("{? = call cursor_over(?)}");
        call.registerOutParameter(1, Types.REF_CURSOR);
        call.setInt(2, seconds);
        return call;
    }

    @Test
    void rowsOfACursorLeadBackToTheGuardedConnection() throws Exception {
        try (Connection connection = pool.getConnection();
                CallableStatement call = cursorOver(connection, 0)) {
            call.execute();
            for (ResultSet rows :
                    new ResultSet[] {
                        (ResultSet) call.getObject(1), call.getObject(1, ResultSet.class)
                    }) {
                assertThat(rows).isInstanceOf(ContextResultSet.class);
                assertThat(rows.getStatement()).isInstanceOf(ContextStatement.class);
                assertThat(rows.getStatement().getConnection()).isSameAs(connection);
            }
            connection.rollback();
        }
    }

    @Test
    void rowsOfTheMetaDataLeadBackToTheGuardedConnection() throws Exception {
        try (Connection connection = pool.getConnection();
                ResultSet rows = connection.getMetaData().getTables(null, null, "pg_class", null)) {
            assertThat(rows).isInstanceOf(ContextResultSet.class);
            assertThat(rows.getStatement().getConnection()).isSameAs(connection);
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString("TABLE_NAME")).isEqualTo("pg_class");
        }
    }

    @Test
    void anInterruptDoesNotDisturbWhatReadsTheConnectionsState() throws Exception {
        FutureTask<String> work =
                Bounded.fork(
                        () -> {
                            try (Connection connection = pool.getConnection();
                                    InterruptScope _ = InterruptScope.open(scope)) {
                                scope.cancel("over");
                                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                                connection.setClientInfo("ApplicationName", "interrupted");
                                return scope.call(connection::getSchema)
                                        + scope.call(connection::getTransactionIsolation);
                            }
                        });
        assertThat(Bounded.get(work)).isEqualTo("public2");
    }
}
