// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.jdbc.mysql.MysqlSocketFactory;
import dev.netpoll.context.jdbc.spring.DriverSocketFactoryPostProcessor;
import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

import javax.sql.DataSource;

/** Database drivers that take a socket factory get the engine's, where Tomcat is on the engine. */
@ExtendWith(PostgresContainer.class)
class OutboundSocketsTest {

    private static final String FACTORY = NetpollSocketFactory.class.getName();
    private static final String POSTGRES = "jdbc:postgresql://localhost/none";

    private final PostgresContainer.Server server;
    private final WebApplicationContextRunner application = application();

    OutboundSocketsTest(PostgresContainer.Server server) {
        this.server = server;
    }

    static WebApplicationContextRunner application() {
        return new WebApplicationContextRunner(
                        AnnotationConfigServletWebServerApplicationContext::new)
                .withConfiguration(
                        AutoConfigurations.of(
                                NetpollAutoConfiguration.class,
                                TomcatServletWebServerAutoConfiguration.class))
                .withPropertyValues("server.port=0");
    }

    @Test
    void aPoolOfPostgresConnectsOnTheEngineWithoutCode() {
        application
                .withBean("pool", HikariDataSource.class, this::postgres)
                .run(
                        context -> {
                            JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));

                            assertThat(jdbc.queryForObject("select 41 + 1", Integer.class))
                                    .isEqualTo(42);

                            assertThat(factoryOf(context)).isEqualTo(FACTORY);
                            assertThat(outbound())
                                    .contains(new InetSocketAddress(server.host(), server.port()));
                        });
    }

    /** What the engine is connected to, that this application shares with this test. */
    static Collection<InetSocketAddress> outbound() throws IOException {
        NetpollEngine shared = NetpollEngine.acquire(EngineConfig.of(0, CarrierMode.AUTO));
        try {
            return shared.outbound().values();
        } finally {
            shared.release();
        }
    }

    /** As Boot makes one: by setters. */
    private HikariDataSource postgres() {
        HikariDataSource pool = pool(server.url());
        pool.setUsername(server.username());
        pool.setPassword(server.password());
        pool.setMaximumPoolSize(2);
        return pool;
    }

    @Test
    void thePoolsOwnThreadsAreOnTheLoopsToo() {
        application
                .withBean("pool", HikariDataSource.class, this::postgres)
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            Thread thread = pool.getThreadFactory().newThread(() -> {});

                            assertThat(thread.isVirtual()).isTrue();
                            assertThat(thread.getName()).isEqualTo("pool:pool");
                        });
    }

    @Test
    void aPoolsOwnThreadFactoryStands() {
        ThreadFactory own = Thread.ofPlatform().factory();
        application
                .withBean(
                        "pool",
                        HikariDataSource.class,
                        () -> {
                            HikariDataSource pool = postgres();
                            pool.setThreadFactory(own);
                            return pool;
                        })
                .run(
                        context ->
                                assertThat(
                                                context.getBean(HikariDataSource.class)
                                                        .getThreadFactory())
                                        .isSameAs(own));
    }

    @Test
    void aPoolThatRunsAlreadyIsLeftAsItIs() {
        application
                .withBean("pool", HikariDataSource.class, () -> server.pool(1))
                .run(context -> assertThat(factoryOf(context)).isNull());
    }

    @Test
    void aDriverThatTakesNoneIsLeftAloneAndStartsNoEngine() {
        application
                .withBean("pool", HikariDataSource.class, () -> pool("jdbc:h2:mem:outbound"))
                .run(context -> assertThat(factoryOf(context)).isNull());
    }

    @Test
    void soIsADriverBehindAnother() {
        application
                .withBean("pool", HikariDataSource.class, () -> pool("jdbc:tc:postgresql:15:///x"))
                .run(context -> assertThat(factoryOf(context)).isNull());
    }

    @Test
    void mariaDbTakesItToo() {
        application
                .withBean("pool", HikariDataSource.class, () -> pool("jdbc:mariadb://localhost/x"))
                .run(context -> assertThat(factoryOf(context)).isEqualTo(FACTORY));
    }

    @Test
    void mysqlsTakesAClassOfItsOwnInterface() {
        application
                .withBean("pool", HikariDataSource.class, () -> pool("jdbc:mysql://localhost/x"))
                .run(
                        context ->
                                assertThat(factoryOf(context))
                                        .isEqualTo(MysqlSocketFactory.class.getName()));
    }

    @Test
    void mariaDbsDriverUnderAUrlOfMysqlsIsLeftAlone() {
        application
                .withBean(
                        "pool",
                        HikariDataSource.class,
                        () -> pool("jdbc:mysql://localhost/x?permitMysqlScheme"))
                .run(context -> assertThat(factoryOf(context)).isNull());
    }

    @Test
    void aFactoryInTheUrlStands() {
        application
                .withBean(
                        "pool",
                        HikariDataSource.class,
                        () -> pool(POSTGRES + "?socketFactory=org.example.Own"))
                .run(context -> assertThat(factoryOf(context)).isNull());
    }

    @Test
    void aFactoryAmongTheDriversPropertiesStands() {
        application
                .withBean(
                        "pool",
                        HikariDataSource.class,
                        () -> {
                            HikariDataSource pool = pool(POSTGRES);
                            pool.addDataSourceProperty("socketFactory", "org.example.Own");
                            return pool;
                        })
                .run(context -> assertThat(factoryOf(context)).isEqualTo("org.example.Own"));
    }

    @Test
    void aDataSourceWithoutAPoolTakesIt() {
        application
                .withBean(
                        "plain",
                        DriverManagerDataSource.class,
                        () -> new DriverManagerDataSource(POSTGRES))
                .run(
                        context ->
                                assertThat(
                                                context.getBean(DriverManagerDataSource.class)
                                                        .getConnectionProperties())
                                        .containsEntry("socketFactory", FACTORY));
    }

    @Test
    void switchedOffEveryDriverIsLeftAlone() {
        assertLeftAlone("netpoll.outbound=off");
    }

    @Test
    void whereTomcatIsNotOnTheEngineEveryDriverIsLeftAlone() {
        assertLeftAlone("netpoll.tomcat.enabled=false");
    }

    @Test
    void switchedOffAltogetherEveryDriverIsLeftAlone() {
        assertLeftAlone("netpoll.enabled=false");
    }

    private void assertLeftAlone(String property) {
        application
                .withPropertyValues(property)
                .withBean("pool", HikariDataSource.class, () -> pool(POSTGRES))
                .run(
                        context -> {
                            assertThat(factoryOf(context)).isNull();
                            assertThat(context)
                                    .doesNotHaveBean(DriverSocketFactoryPostProcessor.class);
                        });
    }

    /** A database that is needed before the web server, and after it, has the engine all the time. */
    @Test
    void theEngineIsThereBeforeTheFirstConnectionAndAfterTheLast() {
        application
                .withBean("pool", HikariDataSource.class, this::postgres)
                .withBean("early", Early.class, () -> new Early())
                .run(
                        context -> {
                            Early early = context.getBean(Early.class);
                            early.use(context.getBean(DataSource.class));
                            context.getSourceApplicationContext().close();
                            assertThat(early.usedLast).isTrue();
                        });
    }

    /** Uses the database as late as a bean can. */
    static final class Early implements org.springframework.beans.factory.DisposableBean {
        private DataSource source;
        private boolean usedLast;

        void use(DataSource pool) {
            source = pool;
        }

        @Override
        public void destroy() throws Exception {
            usedLast =
                    Objects.equals(
                            new JdbcTemplate(source).queryForObject("select 7", Integer.class), 7);
        }
    }

    private static HikariDataSource pool(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        return pool;
    }

    private static Object factoryOf(AssertableWebApplicationContext context) {
        return context.getBean(HikariDataSource.class)
                .getDataSourceProperties()
                .get("socketFactory");
    }
}
