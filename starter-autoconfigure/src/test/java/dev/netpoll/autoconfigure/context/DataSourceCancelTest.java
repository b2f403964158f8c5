// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.autoconfigure.context.DataSources.EarlyTracing;
import dev.netpoll.autoconfigure.context.DataSources.Router;
import dev.netpoll.autoconfigure.context.DataSourcesInFrontTest.LateTracing;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.CancelReport;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/** A cancel reaches a real database through every kind of data source bean, once. */
@ExtendWith(PostgresContainer.class)
class DataSourceCancelTest {

    private final PostgresContainer.Server server;
    private final List<CancelReport> reports = new CopyOnWriteArrayList<>();
    private final ApplicationContextRunner application;

    DataSourceCancelTest(PostgresContainer.Server server) {
        this.server = server;
        application =
                new ApplicationContextRunner()
                        .withConfiguration(
                                AutoConfigurations.of(NetpollJdbcAutoConfiguration.class))
                        .withBean(CancelListener.class, () -> reports::add)
                        .withBean(
                                PostgresContainer.Server.class,
                                () -> server,
                                bean -> bean.setDestroyMethodName(""));
    }

    @Test
    void throughAPool() {
        assertCancelled(application.withUserConfiguration(Pool.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Pool {

        @Bean
        HikariDataSource pool(PostgresContainer.Server server) {
            return server.pool(1);
        }
    }

    @Test
    void throughADriversDataSource() {
        assertCancelled(
                application.withBean(
                        PGSimpleDataSource.class,
                        () -> {
                            PGSimpleDataSource source = new PGSimpleDataSource();
                            source.setUrl(server.url());
                            source.setUser(server.username());
                            source.setPassword(server.password());
                            return source;
                        }));
    }

    @Test
    void throughAFinalClass() {
        assertCancelled(application.withBean(DataSource.class, () -> new Final(server.pool(1))));
    }

    static final class Final extends DelegatingDataSource implements AutoCloseable {

        private final HikariDataSource pool;

        Final(HikariDataSource pool) {
            super(pool);
            this.pool = pool;
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    @Test
    void throughARouterToABean() {
        assertCancelled(application.withUserConfiguration(Pool.class, ToABean.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class ToABean {

        @Bean
        @Primary
        Router router(HikariDataSource pool) {
            Router router = new Router();
            router.setTargetDataSources(Map.of("one", pool));
            return router;
        }
    }

    @Test
    void throughARouterToAPoolOfItsOwn() {
        HikariDataSource own = server.pool(1);
        try (own) {
            assertCancelled(
                    application.withBean(
                            Router.class,
                            () -> {
                                Router router = new Router();
                                router.setTargetDataSources(Map.of("one", own));
                                return router;
                            }));
        }
    }

    @Test
    void throughALazyDataSource() {
        assertCancelled(application.withUserConfiguration(Pool.class, Lazy.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Lazy {

        @Bean
        @Primary
        LazyConnectionDataSourceProxy lazy(HikariDataSource pool) {
            return new LazyConnectionDataSourceProxy(pool);
        }
    }

    @Test
    void throughATransactionAwareOne() {
        assertCancelled(application.withUserConfiguration(Pool.class, Aware.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Aware {

        @Bean
        @Primary
        TransactionAwareDataSourceProxy aware(HikariDataSource pool) {
            return new TransactionAwareDataSourceProxy(pool);
        }
    }

    @Test
    void throughAScopedProxy() {
        application
                .withUserConfiguration(Scoped.class)
                .run(
                        context -> {
                            DataSource proxy = context.getBean("pool", DataSource.class);
                            try (HikariDataSource target =
                                    context.getBean("scopedTarget.pool", HikariDataSource.class)) {
                                assertCancelled(proxy, Runnable::run);
                                assertThat(target.isRunning()).isTrue();
                            }
                        });
    }

    @Configuration(proxyBeanMethods = false)
    @Import(DataSources.ThreadScope.class)
    static class Scoped {

        @Bean
        @Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource pool(PostgresContainer.Server server) {
            return server.pool(1);
        }
    }

    @Test
    void behindAnotherLibrarysPostProcessor() {
        assertCancelled(
                application
                        .withUserConfiguration(Pool.class)
                        .withConfiguration(AutoConfigurations.of(LateTracing.class)));
    }

    @Test
    void inFrontOfAnotherLibrarysPostProcessor() {
        assertCancelled(
                application
                        .withUserConfiguration(Pool.class)
                        .withBean("tracing", EarlyTracing.class));
    }

    @Test
    void inATransactionOnThePoolByItsClass() {
        application
                .withUserConfiguration(Pool.class)
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            TransactionTemplate transactions =
                                    new TransactionTemplate(new JdbcTransactionManager(pool));
                            assertCancelled(
                                    pool,
                                    sleep -> transactions.executeWithoutResult(_ -> sleep.run()));
                            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
                        });
    }

    @Test
    void theWaitForAConnectionBehindARouterEndsAndIsToldOnce() {
        application
                .withUserConfiguration(Pool.class, ToABean.class)
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            DataSource router = context.getBean(Router.class);
                            CancelScope request = CancelContext.background().withCancel();
                            try (Connection _ = pool.getConnection()) {
                                FutureTask<Boolean> cancelled =
                                        Bounded.fork(() -> cancelOnceWaiting(request, pool));
                                assertThatThrownBy(() -> request.call(router::getConnection))
                                        .isInstanceOf(SQLException.class)
                                        .hasRootCauseInstanceOf(CancelledException.class);
                                assertThat(Bounded.get(cancelled)).isTrue();
                            }
                            assertThat(reports)
                                    .extracting(CancelReport::call)
                                    .containsExactly("getConnection");
                        });
    }

    private static boolean cancelOnceWaiting(CancelScope request, HikariDataSource pool) {
        Bounded.until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
        return request.cancel("client gone");
    }

    private interface Work {
        void around(Runnable sleep);
    }

    private void assertCancelled(ApplicationContextRunner runner) {
        runner.run(
                context -> {
                    assertThat(context).hasNotFailed();
                    assertCancelled(context.getBean(DataSource.class), Runnable::run);
                });
    }

    private void assertCancelled(DataSource source, Work work) throws Exception {
        JdbcTemplate jdbc = new JdbcTemplate(source);
        CancelScope request = CancelContext.background().withCancel();
        FutureTask<Boolean> cancelled =
                Bounded.fork(
                        () -> {
                            try (HikariDataSource own = server.pool(1)) {
                                JdbcTemplate look = new JdbcTemplate(own);
                                Bounded.until(() -> sleeping(look) == 1);
                            }
                            return request.cancel("client gone");
                        });
        assertThatThrownBy(
                        () ->
                                request.run(
                                        () ->
                                                work.around(
                                                        () -> jdbc.execute("select pg_sleep(60)"))))
                .isInstanceOf(QueryTimeoutException.class)
                .hasRootCauseInstanceOf(CancelledException.class);
        assertThat(Bounded.get(cancelled)).isTrue();
        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.call()).isEqualTo("execute"));
        assertThat(jdbc.queryForObject("select 7", Integer.class)).isEqualTo(7);
    }

    private static int sleeping(JdbcTemplate look) {
        Integer count =
                look.queryForObject(
                        "select count(*) from pg_stat_activity where state = 'active'"
                                + " and query = 'select pg_sleep(60)'",
                        Integer.class);
        return count == null ? 0 : count;
    }
}
