// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.jdbc.ContextDataSource;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.MariaDbContainer;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

import java.time.Duration;
import java.util.Objects;

import javax.sql.DataSource;

/** MySQL's driver and MariaDB's on the engine, against a real MariaDB. */
@ExtendWith(MariaDbContainer.class)
class MariaDbSocketsTest {

    private final MariaDbContainer.Server server;

    MariaDbSocketsTest(MariaDbContainer.Server server) {
        this.server = server;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb"})
    void aPoolConnectsOnTheEngineWithoutCode(String driver) {
        OutboundSocketsTest.application()
                .withBean("pool", HikariDataSource.class, () -> server.pool(driver, 2))
                .run(
                        context -> {
                            JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));

                            jdbc.execute("create or replace table t (n int, s mediumtext)");
                            jdbc.update("insert into t values (?, ?)", 42, "x".repeat(100_000));

                            assertThat(jdbc.queryForObject("select s from t", String.class))
                                    .hasSize(100_000);
                            assertThat(OutboundSocketsTest.outbound())
                                    .extracting(remote -> remote.getPort())
                                    .contains(server.address().getPort());
                        });
    }

    /** The driver sends KILL QUERY on a connection of its own, which is on the engine as well. */
    @ParameterizedTest
    @ValueSource(strings = {"mysql", "mariadb"})
    void aQueryEndsWithItsContextAndItsConnectionIsUsedAgain(String driver) {
        OutboundSocketsTest.application()
                .withBean("pool", HikariDataSource.class, () -> server.pool(driver, 1))
                .run(
                        context -> {
                            DataSource pool = context.getBean(DataSource.class);
                            Integer before = connectionId(new JdbcTemplate(pool));
                            var guarded = new JdbcTemplate(new ContextDataSource(pool));

                            try (CancelScope scope =
                                    CancelContext.background()
                                            .withTimeout(Duration.ofMillis(300))) {
                                assertThatThrownBy(
                                                () ->
                                                        scope.call(
                                                                () -> {
                                                                    guarded.execute(
                                                                            "select 7, sleep(600)");
                                                                    return "slept";
                                                                }))
                                        .isNotNull();
                            }

                            assertThat(connectionId(new JdbcTemplate(pool))).isEqualTo(before);
                            Bounded.untilEqual(0, () -> sleeping(new JdbcTemplate(pool)));
                        });
    }

    private static Integer connectionId(JdbcTemplate jdbc) {
        return Objects.requireNonNull(jdbc.queryForObject("select connection_id()", Integer.class));
    }

    private static Integer sleeping(JdbcTemplate jdbc) {
        return Objects.requireNonNull(
                jdbc.queryForObject(
                        "select count(*) from information_schema.processlist"
                                + " where info like 'select 7, sleep%'",
                        Integer.class));
    }
}
