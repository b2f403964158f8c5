package dev.netpoll.context.jdbc;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.CallableStatement;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * A {@link ContextStatement} whose SQL is known before. Serves callable statements as well: what they
 * have besides reads results that are already there.
 */
abstract class ContextPreparedStatement extends ContextStatement implements PreparedStatement {

    private static final MethodHandle NEW =
            Delegates.completing(
                    MethodHandles.lookup(),
                    ContextPreparedStatement.class,
                    PreparedStatement.class);

    private static final MethodHandle NEW_CALLABLE =
            Delegates.completing(
                    MethodHandles.lookup(),
                    ContextPreparedStatement.class,
                    CallableStatement.class);

    private final PreparedStatement statement;

    ContextPreparedStatement(PreparedStatement statement, ContextConnection connection) {
        super(statement, connection);
        this.statement = statement;
    }

    static PreparedStatement over(PreparedStatement statement, ContextConnection connection) {
        try {
            return (ContextPreparedStatement) NEW.invokeExact(statement, connection);
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    static CallableStatement over(CallableStatement statement, ContextConnection connection) {
        try {
            ContextPreparedStatement made =
                    (ContextPreparedStatement) NEW_CALLABLE.invokeExact(statement, connection);
            return (CallableStatement) made;
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    @Override
    public boolean execute() throws SQLException {
        return execute(statement::execute);
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        return ContextResultSet.over(execute(statement::executeQuery), this, statement);
    }

    @Override
    public int executeUpdate() throws SQLException {
        return execute(statement::executeUpdate);
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        return execute(statement::executeLargeUpdate);
    }

    /** Asks the database, where the statement has not been executed. */
    @Override
    public @Nullable ResultSetMetaData getMetaData() throws SQLException {
        return guard().call("getMetaData", statement, statement::getMetaData);
    }

    /** Asks the database. */
    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        return guard().call("getMetaData", statement, statement::getParameterMetaData);
    }
}
