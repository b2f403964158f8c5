// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelScope;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

/** PostgreSQL's query timeouts under a deadline that never comes. */
@ExtendWith(PostgresContainer.class)
class PostgresTimeoutTest {

    private final CancelScope timed =
            new ManualRuntime().background().withTimeout(Duration.ofHours(1));
    private final PGSimpleDataSource postgres = new PGSimpleDataSource();
    private final DataSource pool = ContextDataSource.wrap(postgres);

    PostgresTimeoutTest(PostgresContainer.Server server) {
        postgres.setUrl(server.url());
        postgres.setUser(server.username());
        postgres.setPassword(server.password());
    }

    @AfterEach
    void close() {
        timed.close();
    }

    @Test
    void aTimeoutOfTheStatementsOwnEndsItAndStaysAfterwards() throws Exception {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> timed.call(() -> statement.execute("select pg_sleep(60)")))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("canceling statement due to user request")
                    .hasNoCause();
            assertThat(statement.getQueryTimeout()).isEqualTo(1);
            assertThat(timed.call(() -> statement.execute("select 1"))).isTrue();
            assertThat(statement.getQueryTimeout()).isEqualTo(1);
        }
    }

    @Test
    void aDefaultOfTheDataSourcesEndsItAndStaysAfterwards() throws Exception {
        postgres.setQueryTimeout(1);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> timed.call(() -> statement.execute("select pg_sleep(60)")))
                    .hasMessageContaining("canceling statement due to user request");
            assertThat(statement.getQueryTimeout()).isEqualTo(1);
        }
    }
}
