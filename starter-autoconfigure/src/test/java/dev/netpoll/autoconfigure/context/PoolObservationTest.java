// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.micrometer.core.instrument.MeterRegistry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;

import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;

/** The meters, MBeans and life cycle of Boot's own pool, with contexts and without. */
class PoolObservationTest {

    private static final MBeanServer MBEANS = ManagementFactory.getPlatformMBeanServer();

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    NetpollJdbcAutoConfiguration.class,
                                    DataSourceAutoConfiguration.class,
                                    DataSourcePoolMetricsAutoConfiguration.class,
                                    JmxAutoConfiguration.class,
                                    MetricsAutoConfiguration.class,
                                    SimpleMetricsExportAutoConfiguration.class))
                    .withPropertyValues(
                            "spring.datasource.url=jdbc:h2:mem:observed",
                            "spring.datasource.hikari.pool-name=observed",
                            "spring.datasource.hikari.maximum-pool-size=3",
                            "spring.datasource.hikari.minimum-idle=1");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hikarisMetersAndBootsAreThere(boolean enabled) {
        application
                .withBean("dataSource", HikariDataSource.class, PoolObservationTest::started)
                .withPropertyValues("netpoll.jdbc.enabled=" + enabled)
                .run(
                        context -> {
                            MeterRegistry meters = context.getBean(MeterRegistry.class);
                            try (Connection _ = context.getBean(DataSource.class).getConnection()) {
                                assertGauge(meters, "hikaricp.connections.active", 1);
                                assertGauge(meters, "hikaricp.connections.max", 3);
                                assertGauge(meters, "jdbc.connections.active", 1);
                                assertGauge(meters, "jdbc.connections.max", 3);
                            }
                            assertGauge(meters, "jdbc.connections.active", 0);
                            assertThat(meters.get("hikaricp.connections.acquire").timer().count())
                                    .isEqualTo(1);
                        });
    }

    /** Boot registers its meters of a pool only if that has started by then. */
    private static HikariDataSource started() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:started");
        config.setMaximumPoolSize(3);
        return new HikariDataSource(config);
    }

    private static void assertGauge(MeterRegistry meters, String name, double value) {
        assertThat(meters.get(name).gauge().value()).as(name).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void springsMBeanOfThePoolHasTheNameItAlwaysHad(boolean enabled) {
        application
                .withPropertyValues("spring.jmx.enabled=true", "netpoll.jdbc.enabled=" + enabled)
                .run(
                        _ ->
                                assertThat(
                                                maximumPoolSize(
                                                        "com.zaxxer.hikari:name=dataSource,type=HikariDataSource"))
                                        .isEqualTo(3));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hikarisOwnMBeansTakeItsPlace(boolean enabled) {
        application
                .withPropertyValues(
                        "spring.jmx.enabled=true",
                        "spring.datasource.hikari.register-mbeans=true",
                        "netpoll.jdbc.enabled=" + enabled)
                .run(
                        context -> {
                            context.getBean(DataSource.class).getConnection().close();
                            assertThat(
                                            maximumPoolSize(
                                                    "com.zaxxer.hikari:type=PoolConfig (observed)"))
                                    .isEqualTo(3);
                            assertThat(
                                            MBEANS.isRegistered(
                                                    new ObjectName(
                                                            "com.zaxxer.hikari:name=dataSource,type=HikariDataSource")))
                                    .isFalse();
                        });
    }

    private static Object maximumPoolSize(String name) throws Exception {
        return MBEANS.getAttribute(new ObjectName(name), "MaximumPoolSize");
    }

    @Test
    void thePoolIsClosedAtShutdown() {
        AtomicReference<HikariDataSource> bean = new AtomicReference<>();
        AtomicReference<HikariDataSource> pool = new AtomicReference<>();
        application.run(
                context -> {
                    bean.set(context.getBean(HikariDataSource.class));
                    pool.set((HikariDataSource) AopProxyUtils.getSingletonTarget(bean.get()));
                    bean.get().getConnection().close();
                    assertThat(pool.get().isRunning()).isTrue();
                    assertThat(bean.get().isRunning()).isTrue();
                });
        assertThat(pool.get().isClosed()).isTrue();
        assertThat(bean.get().isClosed()).isTrue();
    }
}
