// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static dev.netpoll.autoconfigure.context.DataSources.assertGuarded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.jdbc.ContextDataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;

import javax.sql.DataSource;
import javax.sql.XADataSource;

/** A data source bean stays what it is, and goes by the context. */
class DataSourceBeansTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(NetpollJdbcAutoConfiguration.class));

    // ---- injected

    @Test
    void thePoolThatBootMakesIsInjectedByItsOwnClass() {
        application
                .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=jdbc:h2:mem:boot",
                        "spring.datasource.hikari.maximum-pool-size=3")
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            assertThat(pool).isSameAs(context.getBean(DataSource.class));
                            assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
                            assertGuarded(pool);
                            assertThat(pool.getHikariPoolMXBean().getTotalConnections())
                                    .isEqualTo(1);
                        });
    }

    @Test
    void severalAreToldApartByQualifierAndPrimary() {
        application
                .withUserConfiguration(Two.class)
                .withBean(Repository.class)
                .run(
                        context -> {
                            Repository repository = context.getBean(Repository.class);
                            assertThat(repository.primary().getPoolName()).isEqualTo("orders");
                            assertThat(repository.qualified().getPoolName()).isEqualTo("audit");
                            assertGuarded(repository.primary());
                            assertGuarded(repository.qualified());
                        });
    }

    record Repository(HikariDataSource primary, @Qualifier("audit") HikariDataSource qualified) {}

    @Configuration(proxyBeanMethods = false)
    static class Two {

        @Bean
        @Primary
        HikariDataSource orders() {
            return named("orders");
        }

        @Bean
        HikariDataSource audit() {
            return named("audit");
        }

        private static HikariDataSource named(String name) {
            HikariDataSource pool = DataSources.pool();
            pool.setPoolName(name);
            return pool;
        }
    }

    @Test
    void aBeanMethodThatIsCalledByAnotherReturnsThePool() {
        application
                .withUserConfiguration(Calling.class)
                .run(
                        context ->
                                assertThat(context.getBean(Holder.class).pool())
                                        .isSameAs(context.getBean(HikariDataSource.class)));
    }

    record Holder(HikariDataSource pool) {}

    @Configuration
    static class Calling {

        @Bean
        HikariDataSource pool() {
            return DataSources.pool();
        }

        @Bean
        Holder holder() {
            return new Holder(pool());
        }
    }

    @Test
    void inACircleOfBeansEachHasTheSameDataSource() {
        application
                .withAllowCircularReferences(true)
                .withBean(Audited.class, () -> DataSources.configure(new Audited()))
                .withBean(Auditor.class, Auditor::new, bean -> bean.setLazyInit(true))
                .run(
                        context -> {
                            assertThat(context).hasNotFailed();
                            DataSource pool = context.getBean(DataSource.class);
                            assertThat(context.getBean(Auditor.class).pool).isSameAs(pool);
                            assertGuarded(pool);
                        });
    }

    static class Audited extends HikariDataSource {
        @Autowired Auditor auditor;
    }

    static class Auditor {
        @Autowired DataSource pool;
    }

    @Test
    void aConnectionBuilderOfABeanBuildsGuardedConnections() {
        application
                .withBean(DataSource.class, () -> new Building("jdbc:h2:mem:building"))
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            CancelScope ended = CancelContext.background().withCancel();
                            ended.cancel("client gone");
                            ConnectionBuilder builder = bean.createConnectionBuilder().user("sa");
                            assertThatThrownBy(() -> ended.call(builder::build))
                                    .isInstanceOf(SQLException.class)
                                    .hasRootCauseInstanceOf(CancelledException.class);
                            builder.build().close();
                        });
    }

    private static class Building extends DriverManagerDataSource {

        Building(String url) {
            super(url);
        }

        @Override
        public ConnectionBuilder createConnectionBuilder() {
            return (ConnectionBuilder)
                    Proxy.newProxyInstance(
                            getClass().getClassLoader(),
                            new Class<?>[] {ConnectionBuilder.class},
                            (self, method, _) ->
                                    method.getName().equals("build") ? getConnection() : self);
        }
    }

    // ---- unwrapped

    @Test
    void unwrapReturnsTheGuardedBeanWhereItIsOfThatType() {
        application
                .withBean(HikariDataSource.class, DataSources::pool)
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            assertThat(bean.isWrapperFor(HikariDataSource.class)).isTrue();
                            assertThat(bean.unwrap(HikariDataSource.class)).isSameAs(bean);
                            assertThat(bean.unwrap(DataSource.class)).isSameAs(bean);
                            assertThat(AopProxyUtils.getSingletonTarget(bean))
                                    .isExactlyInstanceOf(HikariDataSource.class);
                        });
    }

    @Test
    void orElseWhatIsBehindIt() {
        application
                .withBean(DataSource.class, DataSourceBeansTest::ofAFinalClass)
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            assertThat(bean.unwrap(DataSource.class)).isSameAs(bean);
                            assertThat(bean.isWrapperFor(JdbcDataSource.class)).isTrue();
                            assertThat(bean.unwrap(JdbcDataSource.class)).isNotSameAs(bean);
                            assertThat(bean.isWrapperFor(HikariDataSource.class)).isFalse();
                        });
    }

    private static JdbcDataSource ofAFinalClass() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:final");
        return h2;
    }

    @Test
    void itUnwrapsToAContextDataSource() {
        application
                .withBean(HikariDataSource.class, DataSources::pool)
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            assertThat(bean.isWrapperFor(ContextDataSource.class)).isTrue();
                            assertGuarded(bean.unwrap(ContextDataSource.class));
                        });
    }

    @Test
    void aBuilderDerivesAnotherPoolFromIt() {
        application
                .withBean(HikariDataSource.class, DataSources::pool)
                .run(
                        context -> {
                            DataSource migration =
                                    DataSourceBuilder.derivedFrom(context.getBean(DataSource.class))
                                            .username("migration")
                                            .build();
                            assertThat(migration).isExactlyInstanceOf(HikariDataSource.class);
                        });
    }

    // ---- classes that cannot be subclassed

    @Test
    void aBeanOfAFinalClassIsInjectedByItsInterfaces() {
        application
                .withBean(
                        EmbeddedDatabase.class,
                        () ->
                                new EmbeddedDatabaseBuilder()
                                        .setType(EmbeddedDatabaseType.H2)
                                        .build())
                .run(
                        context -> {
                            assertThat(context).hasNotFailed();
                            assertGuarded(context.getBean(EmbeddedDatabase.class));
                        });
    }

    @Test
    void evenByOneThatIsNotADataSources() {
        application
                .withBean(DataSource.class, DataSourceBeansTest::ofAFinalClass)
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            assertThat(bean).isInstanceOf(XADataSource.class);
                            assertGuarded(bean);
                        });
    }

    @Test
    void aClassWithAFinalMethodIsNotSubclassedAsItWouldRunOnTheEmptyProxy() {
        application
                .withBean(DataSource.class, () -> new Sealed("jdbc:h2:mem:sealed"))
                .run(context -> assertGuarded(context.getBean(DataSource.class)));
    }

    static class Sealed extends DriverManagerDataSource {

        Sealed(String url) {
            super(url);
        }

        @Override
        public final Connection getConnection() throws SQLException {
            return super.getConnection();
        }
    }

    @Test
    void norIsAClassThatPromisesItsDriversConnection() {
        application
                .withBean(DataSource.class, () -> new OfH2("jdbc:h2:mem:covariant"))
                .run(context -> assertGuarded(context.getBean(DataSource.class)));
    }

    static class OfH2 extends DriverManagerDataSource {

        OfH2(String url) {
            super(url);
        }

        @Override
        public org.h2.jdbc.JdbcConnection getConnection() throws SQLException {
            return (org.h2.jdbc.JdbcConnection) super.getConnection();
        }
    }

    @Test
    void aBeanThatIsASpringProxyAlreadyStaysTheSameProxy() {
        ProxyFactory factory = new ProxyFactory(DataSources.pool());
        factory.setProxyTargetClass(true);
        Object proxy = factory.getProxy();
        application
                .withBean(HikariDataSource.class, () -> (HikariDataSource) proxy)
                .run(
                        context -> {
                            DataSource bean = context.getBean(DataSource.class);
                            assertThat(bean).isSameAs(proxy);
                            assertGuarded(bean);
                        });
    }

    @Test
    void aContextDataSourceIsLeftAlone() {
        application
                .withBean(DataSource.class, () -> ContextDataSource.wrap(DataSources.pool()))
                .run(
                        context ->
                                assertThat(AopUtils.isAopProxy(context.getBean(DataSource.class)))
                                        .isFalse());
    }
}
