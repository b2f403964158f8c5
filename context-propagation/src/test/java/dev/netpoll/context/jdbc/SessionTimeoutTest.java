// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelScope;
import dev.netpoll.test.ManualRuntime;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * H2's query timeout is its session's: setting it for one statement, which takes a command to the
 * database, sets it for all of them, and reading it does not see what SQL has set meanwhile.
 */
class SessionTimeoutTest {

    private final CancelScope timed =
            new ManualRuntime().background().withTimeout(Duration.ofSeconds(10));
    private final Connection connection = open();

    private static Connection open() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:");
        try {
            return ContextDataSource.wrap(h2).getConnection();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void theSessionsLimitIsStillThereAfterAGuardedCall() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set query_timeout 3000");
            timed.call(() -> statement.execute("select 1"));
            assertThat(limit()).isEqualTo(3000);
        }
    }

    @Test
    void aLimitThatTheGuardedCallItselfSetsStays() throws Exception {
        try (Statement statement = connection.createStatement()) {
            timed.call(() -> statement.execute("set query_timeout 3000"));
            timed.call(() -> statement.execute("select 1"));
            assertThat(limit()).isEqualTo(3000);
        }
    }

    @Test
    void theLimitOfOneStatementIsNotErasedByAnother() throws Exception {
        try (Statement one = connection.createStatement();
                PreparedStatement other = connection.prepareStatement("select 1")) {
            timed.call(() -> other.execute());
            one.setQueryTimeout(3);
            timed.call(() -> other.execute());
            assertThat(limit()).isEqualTo(3000);
        }
    }

    private int limit() throws SQLException {
        String sql =
                "select setting_value from information_schema.settings"
                        + " where setting_name = 'QUERY_TIMEOUT'";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
