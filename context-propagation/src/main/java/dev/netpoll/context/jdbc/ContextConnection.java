package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.Operation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * A connection whose calls know the calling thread's context; see {@link ContextDataSource} for what is
 * refused, cancelled and let through. {@link Delegates} adds the methods that are not here.
 */
abstract class ContextConnection extends JdbcWrapper implements Connection {

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

    ConnectionGuard guard() {
        return guard;
    }

    // ---- transactions

    /**
     * Refused once the context has ended. That alone would not do: who is refused a commit may well
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

    /** Switching auto-commit on commits; not what an ended context left unfinished. */
    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        guard.cleanUp(
                "setAutoCommit",
                () -> {
                    if (autoCommit && guard.ended() != null && !connection.getAutoCommit()) {
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

    // ---- the state of the connection: set on the way in, put back on the way out

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        guard.cleanUp("setReadOnly", () -> connection.setReadOnly(readOnly));
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        guard.cleanUp("setTransactionIsolation", () -> connection.setTransactionIsolation(level));
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        guard.cleanUp("setSchema", () -> connection.setSchema(schema));
    }

    @Override
    public void setCatalog(String catalog) throws SQLException {
        guard.cleanUp("setCatalog", () -> connection.setCatalog(catalog));
    }

    /**
     * Not bounded: while it runs, the pool may give the connection to somebody else, and to break it off
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
        return MetaDataCalls.around(metaData, this);
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
        return ContextPreparedStatement.over(guard.call("prepare", null, prepare), this);
    }
}
