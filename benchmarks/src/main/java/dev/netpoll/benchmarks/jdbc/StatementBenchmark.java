// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.jdbc;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.ContextConnections;
import dev.netpoll.context.jdbc.ContextDataSource;
import dev.netpoll.context.jdbc.JdbcSettings;
import dev.netpoll.context.jdbc.spring.ContextDataSourcePostProcessor;

import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

/**
 * A connection from the pool, one prepared statement, ten rows of two columns: all there is between a
 * repository and a database that answers in no time (H2 in memory, under HikariCP). The context has a
 * deadline that is far away. The median (p0.50) is the figure: a busy machine moves it little.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StatementBenchmark {

    private static final String SQL = "select x, x from system_range(1, 10)";

    /** Who wraps the pool. */
    public enum Wrapper {
        /** Nobody. */
        BARE,
        /** Ours, on a thread without a context. */
        NO_CONTEXT,
        /** Ours, under a request's context. */
        CONTEXT,
        /** Ours as a Spring bean, on a thread without a context. */
        BEAN_NO_CONTEXT,
        /** Ours as a Spring bean, under a request's context. */
        BEAN_CONTEXT,
        /** JDK proxies that do nothing. */
        JDK_PROXIES,
        /** The datasource-proxy library without a listener, its result sets proxied too. */
        DATASOURCE_PROXY
    }

    @Param public Wrapper wrapper = Wrapper.BARE;

    private final HikariDataSource hikari = new HikariDataSource();
    private DataSource pool = hikari;
    private final CancelScope request = CancelContext.background().withTimeout(Duration.ofDays(2));
    private Binding bound = CancelContext.background().bind();

    @Setup(Level.Trial)
    public void open() {
        bound.close();
        hikari.setJdbcUrl("jdbc:h2:mem:benchmark");
        hikari.setMaximumPoolSize(1);
        pool =
                switch (wrapper) {
                    case BARE -> hikari;
                    case NO_CONTEXT, CONTEXT -> ContextDataSource.wrap(hikari);
                    case BEAN_NO_CONTEXT, BEAN_CONTEXT -> bean(hikari);
                    case JDK_PROXIES -> ProxiedJdbc.wrap(DataSource.class, hikari);
                    case DATASOURCE_PROXY ->
                            ProxyDataSourceBuilder.create(hikari).proxyResultSet().build();
                };
        if (isUnderAContext()) {
            bound = request.bind();
        }
    }

    private boolean isUnderAContext() {
        return wrapper == Wrapper.CONTEXT || wrapper == Wrapper.BEAN_CONTEXT;
    }

    private static DataSource bean(DataSource pool) {
        ContextDataSourcePostProcessor processor =
                new ContextDataSourcePostProcessor(
                        () -> new ContextConnections(JdbcSettings.DEFAULTS, CancelListener.NONE));
        return (DataSource) processor.postProcessAfterInitialization(pool, "pool");
    }

    @TearDown(Level.Trial)
    public void close() {
        if (isUnderAContext()) {
            bound.close();
        }
        hikari.close();
    }

    /** The connection alone. */
    @Benchmark
    public boolean connection() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return connection.isClosed();
        }
    }

    @Benchmark
    public long query() throws SQLException {
        long sum = 0;
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(SQL);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                sum += rows.getLong(1) + rows.getLong(2);
            }
        }
        return sum;
    }
}
