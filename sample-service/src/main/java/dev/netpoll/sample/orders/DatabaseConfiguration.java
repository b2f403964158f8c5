// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import com.zaxxer.hikari.HikariDataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableAsync;

import java.io.IOException;

import javax.sql.DataSource;

/**
 * Where the orders are: in a PostgreSQL that starts with the service and is empty each time, unless
 * {@code spring.datasource.url} names a real one.
 */
@Configuration(proxyBeanMethods = false)
@EnableAsync
class DatabaseConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(
            name = "spring.datasource.url",
            matchIfMissing = true,
            havingValue = "\0")
    static class Embedded {

        @Bean(destroyMethod = "close")
        EmbeddedPostgres postgres() throws IOException {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException | IllegalStateException e) {
                throw new IOException(
                        "The embedded PostgreSQL did not start. Use your own instead:"
                            + " --spring.datasource.url=jdbc:postgresql://localhost/orders"
                            + " --spring.datasource.username=... --spring.datasource.password=...",
                        e);
            }
        }

        @Bean
        DataSource dataSource(EmbeddedPostgres postgres) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(postgres.getJdbcUrl("postgres", "postgres"));
            pool.setUsername("postgres");
            pool.setPoolName("orders");
            return pool;
        }
    }
}
