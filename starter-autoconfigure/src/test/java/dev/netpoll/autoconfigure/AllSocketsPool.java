// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

import javax.sql.DataSource;

/** A pool that connects before it is a bean, of an application with all sockets. Run by {@link AllSocketsPoolTest}. */
class AllSocketsPool {

    @Test
    void itsConnectionsAreOnTheEngine() {
        OutboundSocketsTest.application()
                .withPropertyValues("netpoll.outbound=all")
                .withBean("pool", HikariDataSource.class, AllSocketsPool::pool)
                .run(
                        context -> {
                            var jdbc = new JdbcTemplate(context.getBean(DataSource.class));

                            assertThat(jdbc.queryForObject("select 41 + 1", Integer.class))
                                    .isEqualTo(42);
                            assertThat(OutboundSocketsTest.outbound()).hasSize(1);
                        });
    }

    private static HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(System.getProperty("pool.url"));
        config.setUsername(System.getProperty("pool.user"));
        config.setPassword(System.getProperty("pool.password"));
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }
}
