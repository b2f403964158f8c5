// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.util.Objects;

/**
 * Gets connections under the calling thread's context and guards them, as a {@link ContextDataSource}
 * does for the pool it wraps: for code that cannot wrap a data source, such as an interceptor.
 *
 * <p>Any thread. Immutable.
 */
public final class ContextConnections {

    private final JdbcSettings settings;
    private final CancelListener listener;

    /** Gets connections with these settings. */
    public ContextConnections(JdbcSettings settings, CancelListener listener) {
        this.settings = Objects.requireNonNull(settings);
        this.listener = Objects.requireNonNull(listener);
    }

    /**
     * Returns the connection that {@code source} returns, guarded; one that is guarded already is returned
     * as it is. Waits for it no longer than the current context lasts.
     *
     * @throws java.sql.SQLTimeoutException if the deadline has passed; the cause is the {@link
     *     dev.netpoll.context.DeadlineExceededException}
     * @throws SQLException if the context has ended otherwise, or the source has none
     */
    public Connection get(Operation<Connection, SQLException> source) throws SQLException {
        Connection connection = Acquisition.acquire(source, settings.cancelGrace(), listener);
        return connection instanceof ContextConnection
                ? connection
                : ContextConnection.over(
                        connection, new ConnectionGuard(connection, settings, listener));
    }

    /** Returns a builder whose connections are got and guarded as those of {@link #get}. */
    public ConnectionBuilder over(ConnectionBuilder builder) {
        return new ContextConnectionBuilder(builder, this);
    }
}
