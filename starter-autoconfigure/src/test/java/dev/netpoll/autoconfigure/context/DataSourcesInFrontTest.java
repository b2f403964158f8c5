// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static dev.netpoll.autoconfigure.context.DataSources.assertGuarded;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.autoconfigure.context.DataSources.EarlyTracing;
import dev.netpoll.autoconfigure.context.DataSources.Router;
import dev.netpoll.autoconfigure.context.DataSources.Tracing;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import java.util.Map;

import javax.sql.DataSource;

/** Data sources in front of others: routers, lazy ones, scoped proxies, and what other libraries make. */
class DataSourcesInFrontTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(NetpollJdbcAutoConfiguration.class));

    // ---- routers

    @ParameterizedTest
    @ValueSource(strings = {"one", "two"})
    void aRouterIsGuardedWhereverItRoutes(String first) {
        application
                .withUserConfiguration(Routing.class)
                .run(
                        context -> {
                            Router router = context.getBean(Router.class);
                            assertThat(router.getResolvedDataSources()).hasSize(2);
                            context.getBean(Tenant.class).router().tenant = first;
                            assertGuarded(router);
                            context.getBean(Tenant.class).router().tenant =
                                    first.equals("one") ? "two" : "one";
                            assertGuarded(router);
                        });
    }

    /** The router behind its proxy, whose fields are its own. */
    record Tenant(Router router) {}

    /** To a bean, and to a pool that is none. */
    @Configuration(proxyBeanMethods = false)
    static class Routing {

        private final Router router = new Router();

        @Bean
        HikariDataSource pool() {
            return DataSources.pool();
        }

        @Bean
        @Primary
        Router router(HikariDataSource pool) {
            router.setTargetDataSources(Map.of("one", pool, "two", DataSources.pool()));
            return router;
        }

        @Bean
        Tenant tenant() {
            return new Tenant(router);
        }
    }

    // ---- Spring's delegating data sources

    @Test
    void aDelegatingDataSourceInFrontOfABeanIsLeftAlone() {
        application
                .withUserConfiguration(Delegating.class)
                .run(
                        context -> {
                            var beans = context.getBeansOfType(DelegatingDataSource.class);
                            assertThat(beans).hasSize(2);
                            for (DataSource bean : beans.values()) {
                                assertThat(AopUtils.isAopProxy(bean)).isFalse();
                                assertGuarded(bean);
                            }
                        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Delegating {

        @Bean
        HikariDataSource pool() {
            return DataSources.pool();
        }

        @Bean
        LazyConnectionDataSourceProxy lazy(HikariDataSource pool) {
            return new LazyConnectionDataSourceProxy(pool);
        }

        @Bean
        TransactionAwareDataSourceProxy aware(HikariDataSource pool) {
            return new TransactionAwareDataSourceProxy(pool);
        }
    }

    @Test
    void oneInFrontOfAPoolThatIsNoBeanIsGuarded() {
        application
                .withBean(
                        LazyConnectionDataSourceProxy.class,
                        () -> new LazyConnectionDataSourceProxy(DataSources.pool()))
                .run(
                        context -> {
                            LazyConnectionDataSourceProxy lazy =
                                    context.getBean(LazyConnectionDataSourceProxy.class);
                            assertThat(lazy.getTargetDataSource())
                                    .isExactlyInstanceOf(HikariDataSource.class);
                            assertGuarded(lazy);
                        });
    }

    // ---- scopes

    @Test
    void aScopedProxyIsLeftAloneAndItsTargetIsGuarded() {
        application
                .withUserConfiguration(Scoped.class)
                .run(
                        context -> {
                            DataSource target =
                                    context.getBean("scopedTarget.pool", HikariDataSource.class);
                            assertGuarded(context.getBean("pool", HikariDataSource.class));
                            assertGuarded(target);
                            assertThat(AopUtils.isAopProxy(target)).isTrue();
                        });
    }

    @Configuration(proxyBeanMethods = false)
    @Import(DataSources.ThreadScope.class)
    static class Scoped {

        @Bean
        @Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource pool() {
            return DataSources.pool();
        }
    }

    // ---- other libraries

    @Test
    void anotherLibrarysPostProcessorBeforeOursStillSeesEveryQuery() {
        application
                .withBean("tracing", EarlyTracing.class)
                .withBean(HikariDataSource.class, DataSources::pool)
                .run(
                        context ->
                                assertTraced(
                                        context.getBean(DataSource.class),
                                        context.getBean(Tracing.class)));
    }

    @Test
    void anotherLibrarysPostProcessorAfterOursWrapsThePoolAsWhatItIs() {
        application
                .withConfiguration(AutoConfigurations.of(LateTracing.class))
                .withBean("pool", HikariDataSource.class, DataSources::pool)
                .run(
                        context -> {
                            DataSource bean = context.getBean("pool", DataSource.class);
                            assertThat(bean.isWrapperFor(HikariDataSource.class)).isTrue();
                            assertTraced(bean, context.getBean(Tracing.class));
                        });
    }

    @AutoConfiguration(after = NetpollJdbcAutoConfiguration.class)
    static class LateTracing {

        @Bean
        static Tracing tracing() {
            return new Tracing();
        }
    }

    private static void assertTraced(DataSource source, Tracing tracing) throws Exception {
        assertThat(new JdbcTemplate(source).queryForObject("select 7", Integer.class)).isEqualTo(7);
        assertThat(tracing.traced).containsExactly("select 7");
        assertGuarded(source);
    }
}
