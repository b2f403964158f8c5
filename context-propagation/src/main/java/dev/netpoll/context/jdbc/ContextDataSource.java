// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.ShardingKeyBuilder;
import java.util.Objects;
import java.util.logging.Logger;

import javax.sql.DataSource;

/**
 * A data source whose work ends with the calling thread's {@linkplain
 * dev.netpoll.context.CancelContext#current() context}. Put it around a pool:
 *
 * <pre>{@code
 * DataSource dataSource = ContextDataSource.wrap(new HikariDataSource(config));
 * }</pre>
 *
 * In a Spring application {@code dev.netpoll.context.jdbc.spring.ContextDataSourcePostProcessor} does the same for every
 * bean, which keeps its class.
 *
 * <ul>
 *   <li><b>Waiting for a connection</b> ends with the context, to the moment. A connection that comes
 *       too late goes straight back.
 *   <li><b>A running statement</b>, batch, or fetch of further rows is cancelled in the database as soon
 *       as the context ends, and cannot be begun after that. No cancel is ever on its way when the call
 *       has returned, so none hits the next statement or the connection's next user.
 *   <li><b>A commit</b> is not begun once the context has ended: it rolls back and says why. One that
 *       has begun is never cancelled; its outcome is the database's. Nor does {@code
 *       setAutoCommit(true)} commit behind the back of an ended context.
 *   <li><b>Rollback, close</b> and what sets the connection's state work whatever the context says.
 *       So a connection always returns to its pool, whole.
 *   <li><b>Whatever else may ask the database</b>, such as {@code getSchema()}, {@code createArrayOf},
 *       the meta data and the rows of a cursor, is cancelled as well. What only reads works under a
 *       context that has ended.
 *   <li><b>The driver's query timeout</b> of a statement is tightened to a second or two behind the
 *       deadline while it runs, and is never lengthened.
 *   <li>The thread's {@link dev.netpoll.context.InterruptScope}s cannot interrupt it inside a call:
 *       on a virtual thread that would close the socket.
 * </ul>
 *
 * <p>What fails because of the context fails with an {@link SQLException} with SQLSTATE 57014 ({@link
 * java.sql.SQLTimeoutException} for a deadline) whose cause is the {@link
 * dev.netpoll.context.CancelledException}. A statement that the database completed in spite of its
 * cancel returns its result: an exception would be a lie about the data.
 *
 * <p>A database that does not react to its cancel loses the connection after {@link
 * JdbcSettings#cancelGrace()}.
 *
 * <p>Without a current context everything goes straight through. Not covered: what is done with an
 * {@linkplain #unwrap unwrapped} connection (PostgreSQL's COPY), with {@code Array}s, {@code Blob}s,
 * {@code Clob}s and streams of rows already read (PostgreSQL's large objects), which stay the driver's
 * own since drivers cast what is given back to them, and the {@code close()} of a connection whose pool
 * talks to the database on it. Interrupts from others than an {@code InterruptScope} are not held off.
 * Waiting for a connection can only be ended in a pool that reacts to interrupts, as the usual ones do.
 *
 * <p>Any thread. Immutable.
 */
public final class ContextDataSource extends JdbcWrapper implements DataSource, AutoCloseable {

    private final DataSource pool;
    private final ContextConnections connections;

    /** Wraps {@code pool} with the default settings. */
    public ContextDataSource(DataSource pool) {
        this(pool, JdbcSettings.DEFAULTS, CancelListener.NONE);
    }

    /** Wraps {@code pool}. */
    public ContextDataSource(DataSource pool, JdbcSettings settings, CancelListener listener) {
        this(pool, new ContextConnections(settings, listener));
    }

    /** Wraps {@code pool}, whose connections are got by {@code connections}. */
    public ContextDataSource(DataSource pool, ContextConnections connections) {
        super(pool);
        this.pool = Objects.requireNonNull(pool);
        this.connections = Objects.requireNonNull(connections);
    }

    /** Wraps {@code pool} with the default settings, unless it or what it wraps is wrapped already. */
    public static DataSource wrap(DataSource pool) {
        return wrap(pool, JdbcSettings.DEFAULTS, CancelListener.NONE);
    }

    /** Wraps {@code pool}, unless it or what it wraps is wrapped already. */
    public static DataSource wrap(DataSource pool, JdbcSettings settings, CancelListener listener) {
        return isWrapped(pool) ? pool : new ContextDataSource(pool, settings, listener);
    }

    /**
     * Whether {@code pool}, or what it wraps, is a data source of this class or says so. Wrapping twice is
     * harmless, so a pool that cannot answer is not.
     */
    public static boolean isWrapped(DataSource pool) {
        try {
            return pool.isWrapperFor(ContextDataSource.class);
        } catch (SQLException | RuntimeException routesToNowhereYet) {
            return false;
        }
    }

    /**
     * A connection; waits for it no longer than the current context lasts.
     *
     * @throws java.sql.SQLTimeoutException if the deadline has passed; the cause is the {@link
     *     dev.netpoll.context.DeadlineExceededException}
     * @throws SQLException if the context has ended otherwise, or the pool has none
     */
    @Override
    public Connection getConnection() throws SQLException {
        return connections.get(pool::getConnection);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return connections.get(() -> pool.getConnection(username, password));
    }

    /** Closes the pool, if it can be closed. */
    @Override
    public void close() {
        if (pool instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("Closing " + pool + " failed", e);
            }
        }
    }

    /** Builds connections that are got and guarded as those of {@link #getConnection()}. */
    @Override
    public ConnectionBuilder createConnectionBuilder() throws SQLException {
        return connections.over(pool.createConnectionBuilder());
    }

    @Override
    public ShardingKeyBuilder createShardingKeyBuilder() throws SQLException {
        return pool.createShardingKeyBuilder();
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return pool.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        pool.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        pool.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return pool.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        return pool.getParentLogger();
    }
}
