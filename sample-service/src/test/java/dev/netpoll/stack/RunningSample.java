// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.sample.SampleApplication;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;
import dev.netpoll.web.RequestContexts;

import io.github.resilience4j.bulkhead.BulkheadRegistry;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import javax.sql.DataSource;

/** The sample on a real port and a real PostgreSQL, and a look at that from beside it. */
final class RunningSample implements AutoCloseable {

    static final int POOL = 6;

    private final ConfigurableApplicationContext application;
    private final Connection beside;
    private final Statement look;

    RunningSample(PostgresContainer.Server database, String... properties) throws SQLException {
        String[] all = {
            "--server.port=0",
            "--server.shutdown=immediate",
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.username(),
            "--spring.datasource.password=" + database.password(),
            "--spring.datasource.hikari.maximum-pool-size=" + POOL,
            "--spring.datasource.hikari.minimum-idle=" + POOL,
            "--resilience4j.bulkhead.instances." + Handlers.BULKHEAD + ".max-concurrent-calls=1",
        };
        var builder =
                new SpringApplication(
                        SampleApplication.class,
                        Handlers.class,
                        Handlers.SlowQuery.class,
                        Handlers.GuardedQuery.class);
        String[] arguments = Arrays.copyOf(all, all.length + properties.length);
        System.arraycopy(properties, 0, arguments, all.length, properties.length);
        application = builder.run(arguments);
        beside = database.connect();
        look = beside.createStatement();
    }

    int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    int begun() {
        return query().begun();
    }

    int ended() {
        return query().ended();
    }

    private Handlers.SlowQuery query() {
        return application.getBean(Handlers.SlowQuery.class);
    }

    Handlers handlers() {
        return application.getBean(Handlers.class);
    }

    OverdueWatch overdue() {
        return application.getBean(OverdueWatch.class);
    }

    /** How many permits the bulkhead of {@link Handlers} has to give. */
    int permits() {
        return application
                .getBean(BulkheadRegistry.class)
                .bulkhead(Handlers.BULKHEAD)
                .getMetrics()
                .getAvailableConcurrentCalls();
    }

    long requests() {
        return application.getBean(RequestContexts.class).active();
    }

    /** How many requests ended because their clients had left. */
    long disconnects() {
        return application
                .getBean(RequestContexts.class)
                .ended()
                .getOrDefault(CancelCause.Kind.CLIENT_DISCONNECTED, 0L);
    }

    HikariPoolMXBean pool() {
        try {
            return application
                    .getBean(DataSource.class)
                    .unwrap(HikariDataSource.class)
                    .getHikariPoolMXBean();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** How many connections the database sees at work on {@code pg_sleep}. */
    int sleeping() {
        String sql =
                "select count(*) from pg_stat_activity where state = 'active'"
                        + " and pid <> pg_backend_pid() and query like '%pg_sleep%'";
        try (ResultSet rows = look.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The server's process ids of all connections but ours. */
    Set<Integer> connections() {
        Set<Integer> pids = new TreeSet<>();
        String sql =
                "select pid from pg_stat_activity where backend_type = 'client backend'"
                        + " and pid <> pg_backend_pid()";
        try (ResultSet rows = look.executeQuery(sql)) {
            while (rows.next()) {
                pids.add(rows.getInt(1));
            }
            return pids;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing is under way any more: no request, no query, nobody waits for a connection or has one. */
    void awaitIdle() {
        Bounded.until("no request is left", () -> requests() == 0);
        Bounded.until("no query is left", () -> sleeping() == 0);
        HikariPoolMXBean pool = pool();
        Bounded.until(
                "every connection is back",
                () -> pool.getActiveConnections() == 0 && pool.getThreadsAwaitingConnection() == 0);
    }

    void awaitFullPool() {
        HikariPoolMXBean pool = pool();
        Bounded.until("the pool is full", () -> pool.getTotalConnections() == POOL);
    }

    @Override
    public void close() throws SQLException {
        application.close();
        beside.close();
    }
}
