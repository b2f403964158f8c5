// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelScope;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.Operation;
import dev.netpoll.context.QuietLog;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.util.PGobject;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/**
 * Calls that do not look like it and go to PostgreSQL all the same: a deadline ends each of them when
 * the network lets nothing through.
 */
@ExtendWith(PostgresContainer.class)
class StalledCallsTest {

    private static final Duration HOUR = Duration.ofHours(1);

    /** Prepares a call while the network works. */
    private interface Prepared {
        Operation<?, SQLException> by(Connection connection) throws SQLException;
    }

    private enum Call {
        GET_TRANSACTION_ISOLATION(connection -> connection::getTransactionIsolation),
        SET_TRANSACTION_ISOLATION(
                connection ->
                        () -> {
                            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                            return null;
                        }),
        GET_SCHEMA(connection -> connection::getSchema),
        SET_SCHEMA(
                connection ->
                        () -> {
                            connection.setSchema("public");
                            return null;
                        }),
        SET_CLIENT_INFO(
                connection ->
                        () -> {
                            connection.setClientInfo("ApplicationName", "stalled");
                            return null;
                        }),
        SET_ALL_CLIENT_INFO(
                connection ->
                        () -> {
                            Properties all = new Properties();
                            all.setProperty("ApplicationName", "stalled");
                            connection.setClientInfo(all);
                            return null;
                        }),
        ROLLBACK(
                connection -> {
                    connection.setAutoCommit(false);
                    connection.createStatement().execute("select 1");
                    return () -> {
                        connection.rollback();
                        return null;
                    };
                }),
        CREATE_ARRAY_OF_UNKNOWN_TYPE(
                connection -> () -> connection.createArrayOf("mood", new Object[] {"sad"})),
        DESCRIBE_A_COLUMN(
                connection -> {
                    ResultSet rows = rows(connection, ResultSet.CONCUR_READ_ONLY);
                    return () -> rows.getMetaData().isNullable(1);
                }),
        DESCRIBE_A_COLUMN_BEFOREHAND(
                connection -> {
                    PreparedStatement statement =
                            connection.prepareStatement("select * from moods");
                    var columns = statement.getMetaData();
                    return () -> columns.isAutoIncrement(1);
                }),
        UPDATE_A_COLUMN(
                connection -> {
                    ResultSet rows = rows(connection, ResultSet.CONCUR_UPDATABLE);
                    rows.next();
                    return () -> {
                        rows.updateInt(1, 2);
                        return null;
                    };
                }),
        SET_NULL_OF_UNKNOWN_TYPE(
                connection -> {
                    PreparedStatement statement = connection.prepareStatement("select ?");
                    return () -> {
                        statement.setNull(1, Types.OTHER, "mood");
                        return null;
                    };
                }),
        SET_OBJECT_OF_UNKNOWN_TYPE(
                connection -> {
                    PreparedStatement statement = connection.prepareStatement("select ?");
                    PGobject sad = new PGobject();
                    sad.setType("mood");
                    sad.setValue("sad");
                    return () -> {
                        statement.setObject(1, sad);
                        return null;
                    };
                }),
        SET_BLOB(
                connection -> {
                    connection.setAutoCommit(false);
                    PreparedStatement statement = connection.prepareStatement("select ?");
                    return () -> {
                        statement.setBlob(1, new ByteArrayInputStream(new byte[10]));
                        return null;
                    };
                }),
        GET_OBJECT_OF_UNKNOWN_TYPE(
                connection -> {
                    ResultSet rows = rows(connection, ResultSet.CONCUR_READ_ONLY);
                    rows.next();
                    return () -> rows.getObject("how");
                }),
        GET_OBJECT_AS(
                connection -> {
                    ResultSet rows = rows(connection, ResultSet.CONCUR_READ_ONLY);
                    rows.next();
                    return () -> rows.getObject(2, String.class);
                });

        private final Prepared prepared;

        Call(Prepared prepared) {
            this.prepared = prepared;
        }

        private static ResultSet rows(Connection connection, int concurrency) throws SQLException {
            return connection
                    .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, concurrency)
                    .executeQuery("select * from moods");
        }
    }

    private final ManualRuntime time = new ManualRuntime();
    private final CancelScope timed = time.background().withTimeout(HOUR);
    private final TcpProxy proxy;
    private final HikariDataSource hikari;
    private final DataSource pool;

    StalledCallsTest(PostgresContainer.Server server) throws SQLException, IOException {
        try (Connection connection = server.connect();
                var statement = connection.createStatement()) {
            statement.execute("drop table if exists moods");
            statement.execute("drop type if exists mood");
            statement.execute("create type mood as enum ('sad', 'happy')");
            statement.execute("create table moods (id int primary key, how mood)");
            statement.execute("insert into moods values (1, 'sad')");
        }
        proxy = new TcpProxy(server.host(), server.port());
        hikari = server.poolThrough(proxy.port(), 1);
        pool =
                ContextDataSource.wrap(
                        hikari,
                        new JdbcSettings(Duration.ofMillis(5), Duration.ofMillis(100), true),
                        CancelListener.NONE);
    }

    @AfterEach
    void close() {
        timed.close();
        try (proxy;
                hikari) {
            proxy.flow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineEnds(Call call) throws Exception {
        try (QuietLog _ = new QuietLog(GuardedCall.class)) {
            FutureTask<Object> work =
                    Bounded.fork(
                            () -> {
                                try (Connection connection = pool.getConnection()) {
                                    Operation<?, SQLException> operation =
                                            call.prepared.by(connection);
                                    proxy.stall();
                                    return timed.call(operation);
                                }
                            });
            Bounded.until(() -> proxy.isHoldingSomething() || work.isDone());
            assertThat(work.isDone()).as("it went to the network").isFalse();
            time.advance(HOUR);
            assertThat(catchThrowable(() -> Bounded.get(work)).getCause())
                    .isInstanceOf(SQLException.class)
                    .hasCauseInstanceOf(DeadlineExceededException.class);
        }
    }
}
