// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;

import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/** What the tests of data source beans share. */
final class DataSources {

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private DataSources() {}

    /** A pool of one connection to an H2 in memory, another one each time. */
    static HikariDataSource pool() {
        return configure(new HikariDataSource());
    }

    static <P extends HikariDataSource> P configure(P pool) {
        pool.setJdbcUrl("jdbc:h2:mem:beans-" + DATABASES.incrementAndGet());
        pool.setMaximumPoolSize(1);
        return pool;
    }

    /** Holds that neither a connection nor a statement is to be had once the context has ended. */
    static void assertGuarded(DataSource source) throws SQLException {
        CancelScope scope = CancelContext.background().withCancel();
        boolean ended = scope.<Boolean, SQLException>call(() -> endMeanwhile(source, scope));
        assertThat(ended).isTrue();
    }

    private static boolean endMeanwhile(DataSource source, CancelScope scope) throws SQLException {
        boolean ended;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("select 1")).isTrue();
            ended = scope.cancel("client gone");
            assertThatThrownBy(() -> statement.execute("select 1"))
                    .isInstanceOf(SQLException.class)
                    .hasRootCauseInstanceOf(CancelledException.class);
        }
        assertThatThrownBy(() -> use(source))
                .isInstanceOf(SQLException.class)
                .hasRootCauseInstanceOf(CancelledException.class);
        return ended;
    }

    /** A lazy data source gets its connection with the first statement. */
    private static void use(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.createStatement().close();
        }
    }

    /** Knows a scope of beans that each thread has its own of. */
    @Configuration(proxyBeanMethods = false)
    static class ThreadScope {

        @Bean
        static CustomScopeConfigurer threads() {
            CustomScopeConfigurer scopes = new CustomScopeConfigurer();
            scopes.addScope("thread", new SimpleThreadScope());
            return scopes;
        }
    }

    /** Routes by a field. */
    static class Router extends AbstractRoutingDataSource {

        volatile String tenant = "one";

        @Override
        protected Object determineCurrentLookupKey() {
            return tenant;
        }
    }

    /** A post-processor like those of tracing libraries: it wraps every data source. */
    static class Tracing implements BeanPostProcessor {

        final List<String> traced = new ArrayList<>();

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            return bean instanceof DataSource source
                    ? ProxyDataSourceBuilder.create(name, source)
                            .afterQuery((_, queries) -> traced.add(queries.getFirst().getQuery()))
                            .build()
                    : bean;
        }
    }

    /** One that comes before all that are not ordered. */
    static final class EarlyTracing extends Tracing implements Ordered {

        @Override
        public int getOrder() {
            return LOWEST_PRECEDENCE;
        }
    }
}
