// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLType;
import java.time.temporal.Temporal;
import java.util.Date;
import java.util.UUID;

/** A {@link ContextStatement} for SQL that is given when it is prepared. */
abstract class ContextPreparedStatement extends ContextStatement implements PreparedStatement {

    private static final MethodHandle NEW =
            Delegates.completing(
                    MethodHandles.lookup(),
                    ContextPreparedStatement.class,
                    PreparedStatement.class);

    private static final String BIND = "bind";

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

    @Override
    public boolean execute() throws SQLException {
        return execute(statement::execute);
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        return ContextResultSet.over(query(), this);
    }

    private ResultSet query() throws SQLException {
        GuardedCall call = guard().beginExecute(statement);
        try {
            return statement.executeQuery();
        } catch (SQLException e) {
            throw call.failed(e);
        } finally {
            call.end();
        }
    }

    @Override
    public int executeUpdate() throws SQLException {
        return execute(statement::executeUpdate);
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        return execute(statement::executeLargeUpdate);
    }

    // ---- what describes it asks the database, where the statement has not been executed

    @Override
    public @Nullable ResultSetMetaData getMetaData() throws SQLException {
        ResultSetMetaData metaData = guard().call("getMetaData", statement, statement::getMetaData);
        return metaData == null
                ? null
                : MetaDataCalls.around(ResultSetMetaData.class, metaData, connection(), statement);
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        ParameterMetaData metaData =
                guard().call("getMetaData", statement, statement::getParameterMetaData);
        return MetaDataCalls.around(ParameterMetaData.class, metaData, connection(), statement);
    }

    // ---- parameters of any type

    @Override
    public void setObject(int index, @Nullable Object value) throws SQLException {
        if (isPlain(value)) {
            statement.setObject(index, value);
        } else {
            asks(BIND, () -> statement.setObject(index, value));
        }
    }

    @Override
    public void setObject(int index, @Nullable Object value, int type) throws SQLException {
        if (isPlain(value)) {
            statement.setObject(index, value, type);
        } else {
            asks(BIND, () -> statement.setObject(index, value, type));
        }
    }

    @Override
    public void setObject(int index, @Nullable Object value, int type, int scale)
            throws SQLException {
        if (isPlain(value)) {
            statement.setObject(index, value, type, scale);
        } else {
            asks(BIND, () -> statement.setObject(index, value, type, scale));
        }
    }

    @Override
    public void setObject(int index, @Nullable Object value, SQLType type) throws SQLException {
        if (isPlain(value)) {
            statement.setObject(index, value, type);
        } else {
            asks(BIND, () -> statement.setObject(index, value, type));
        }
    }

    @Override
    public void setObject(int index, @Nullable Object value, SQLType type, int scale)
            throws SQLException {
        if (isPlain(value)) {
            statement.setObject(index, value, type, scale);
        } else {
            asks(BIND, () -> statement.setObject(index, value, type, scale));
        }
    }

    /** Whether no driver has to ask the database how such a value is sent. */
    private static boolean isPlain(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case String _, Number _, Boolean _, UUID _ -> true;
            case Temporal _, Date _, byte[] _ -> true;
            default -> false;
        };
    }
}
