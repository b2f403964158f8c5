// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Collections;
import java.util.Properties;

/**
 * A connection that makes its calls under the calling thread's context; see {@link
 * ContextDataSource} for what is refused, cancelled and let through. {@link Delegates} adds the
 * methods that are not here.
 */
abstract class ContextConnection extends GuardedWrapper implements Connection {

    private static final MethodHandle NEW =
            Delegates.completing(MethodHandles.lookup(), ContextConnection.class, Connection.class);

    private final Connection connection;
    private final ConnectionGuard guard;

    ContextConnection(Connection connection, ConnectionGuard guard) {
        super(connection);
        this.connection = connection;
        this.guard = guard;
    }

    static ContextConnection over(Connection connection, ConnectionGuard guard) {
        try {
            return (ContextConnection) NEW.invokeExact(connection, guard);
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    @Override
    final ConnectionGuard guard() {
        return guard;
    }

    @Override
    final @Nullable Statement running() {
        return null;
    }

    // ---- transactions

    /**
     * Refused once the context has ended. That alone would not do: code that is refused a commit may well
     * switch back to auto-commit, and that commits. So the transaction is over when this throws.
     */
    @Override
    public void commit() throws SQLException {
        CancelCause cause = guard.ended();
        if (cause == null) {
            guard.unbroken(connection::commit);
            return;
        }
        SQLException refused = SqlCancelled.notBegun("commit", cause);
        try {
            rollback();
        } catch (SQLException e) {
            refused.addSuppressed(e);
        }
        throw refused;
    }

    @Override
    public void rollback() throws SQLException {
        guard.cleanUp("rollback", connection::rollback);
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        guard.cleanUp("rollback", () -> connection.rollback(savepoint));
    }

    /**
     * Switching auto-commit on commits. So it is not broken off where {@link #commit} would not be, and
     * does not commit what an ended context left unfinished.
     */
    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        if (autoCommit && guard.ended() == null) {
            guard.unbroken(() -> connection.setAutoCommit(true));
            return;
        }
        guard.cleanUp(
                "setAutoCommit",
                () -> {
                    if (autoCommit && !connection.getAutoCommit()) {
                        connection.rollback();
                    }
                    connection.setAutoCommit(autoCommit);
                });
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return guard.call("setSavepoint", null, connection::setSavepoint);
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return guard.call("setSavepoint", null, () -> connection.setSavepoint(name));
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        guard.act("releaseSavepoint", null, () -> connection.releaseSavepoint(savepoint));
    }

    // ---- the state of the connection

    @Override
    public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
        try {
            guard.cleanUp("setClientInfo", () -> connection.setClientInfo(name, value));
        } catch (SQLException e) {
            throw SqlCancelled.ofClientInfo(e, Collections.singleton(name));
        }
    }

    @Override
    public void setClientInfo(Properties properties) throws SQLClientInfoException {
        try {
            guard.cleanUp("setClientInfo", () -> connection.setClientInfo(properties));
        } catch (SQLException e) {
            throw SqlCancelled.ofClientInfo(e, properties.stringPropertyNames());
        }
    }

    /**
     * Not bounded: while it runs, the pool may give the connection to another caller, and to break it off
     * then would hit them.
     */
    @Override
    public void close() throws SQLException {
        guard.unbroken(connection::close);
    }

    @Override
    public boolean isValid(int timeout) throws SQLException {
        boolean valid = guard.call("isValid", null, () -> connection.isValid(timeout));
        CancelCause cause = valid ? null : guard.ended();
        if (cause != null) {
            // The driver takes its cancel for a broken connection.
            throw SqlCancelled.tooLate("isValid", cause);
        }
        return valid;
    }

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        DatabaseMetaData metaData = guard.call("getMetaData", null, connection::getMetaData);
        return MetaDataCalls.around(DatabaseMetaData.class, metaData, this, null);
    }

    // ---- statements

    @Override
    public Statement createStatement() throws SQLException {
        return ContextStatement.over(connection.createStatement(), this);
    }

    @Override
    public Statement createStatement(int type, int concurrency) throws SQLException {
        return ContextStatement.over(connection.createStatement(type, concurrency), this);
    }

    @Override
    public Statement createStatement(int type, int concurrency, int holdability)
            throws SQLException {
        return ContextStatement.over(
                connection.createStatement(type, concurrency, holdability), this);
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return prepared(() -> connection.prepareStatement(sql));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys)
            throws SQLException {
        return prepared(() -> connection.prepareStatement(sql, autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return prepared(() -> connection.prepareStatement(sql, columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames)
            throws SQLException {
        return prepared(() -> connection.prepareStatement(sql, columnNames));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency)
            throws SQLException {
        return prepared(() -> connection.prepareStatement(sql, type, concurrency));
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int type, int concurrency, int holdability) throws SQLException {
        return prepared(() -> connection.prepareStatement(sql, type, concurrency, holdability));
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        return callable(() -> connection.prepareCall(sql));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency)
            throws SQLException {
        return callable(() -> connection.prepareCall(sql, type, concurrency));
    }

    @Override
    public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        return callable(() -> connection.prepareCall(sql, type, concurrency, holdability));
    }

    private PreparedStatement prepared(Operation<PreparedStatement, SQLException> prepare)
            throws SQLException {
        return ContextPreparedStatement.over(guard.call("prepare", null, prepare), this);
    }

    private CallableStatement callable(Operation<CallableStatement, SQLException> prepare)
            throws SQLException {
        return ContextCallableStatement.over(guard.call("prepare", null, prepare), this);
    }
}
