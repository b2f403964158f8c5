// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.CallableStatement;
import java.sql.SQLException;
import java.util.Map;

/** A {@link ContextPreparedStatement} with results among its parameters, which may be cursors. */
abstract class ContextCallableStatement extends ContextPreparedStatement
        implements CallableStatement {

    private static final MethodHandle NEW =
            Delegates.completing(
                    MethodHandles.lookup(),
                    ContextCallableStatement.class,
                    CallableStatement.class);

    private final CallableStatement statement;

    ContextCallableStatement(CallableStatement statement, ContextConnection connection) {
        super(statement, connection);
        this.statement = statement;
    }

    static CallableStatement over(CallableStatement statement, ContextConnection connection) {
        try {
            return (ContextCallableStatement) NEW.invokeExact(statement, connection);
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    @Override
    public @Nullable Object getObject(int index) throws SQLException {
        return result(Object.class, () -> statement.getObject(index));
    }

    @Override
    public @Nullable Object getObject(int index, Map<String, Class<?>> types) throws SQLException {
        return result(Object.class, () -> statement.getObject(index, types));
    }

    @Override
    public <T> @Nullable T getObject(int index, Class<T> type) throws SQLException {
        return result(type, () -> statement.getObject(index, type));
    }

    @Override
    public @Nullable Object getObject(String name) throws SQLException {
        return result(Object.class, () -> statement.getObject(name));
    }

    @Override
    public @Nullable Object getObject(String name, Map<String, Class<?>> types)
            throws SQLException {
        return result(Object.class, () -> statement.getObject(name, types));
    }

    @Override
    public <T> @Nullable T getObject(String name, Class<T> type) throws SQLException {
        return result(type, () -> statement.getObject(name, type));
    }

    private <T> @Nullable T result(Class<T> type, Operation<@Nullable T, SQLException> getter)
            throws SQLException {
        return ContextResultSet.aroundIfRows(type, reads("fetch", getter), connection());
    }
}
