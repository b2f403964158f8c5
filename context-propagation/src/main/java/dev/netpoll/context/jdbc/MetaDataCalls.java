package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/**
 * A database's description of itself. Any of its 170 methods may ask the database, none is called often:
 * a dynamic proxy that guards them all. Confined like its connection.
 */
final class MetaDataCalls implements InvocationHandler {

    private final DatabaseMetaData metaData;
    private final ContextConnection connection;

    private MetaDataCalls(DatabaseMetaData metaData, ContextConnection connection) {
        this.metaData = metaData;
        this.connection = connection;
    }

    static DatabaseMetaData around(DatabaseMetaData metaData, ContextConnection connection) {
        return (DatabaseMetaData)
                Proxy.newProxyInstance(
                        MetaDataCalls.class.getClassLoader(),
                        new Class<?>[] {DatabaseMetaData.class},
                        new MetaDataCalls(metaData, connection));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() != DatabaseMetaData.class) {
            return method.getName().equals("equals")
                    ? arguments != null && proxy == arguments[0]
                    : call(method, arguments);
        }
        if (method.getName().equals("getConnection")) {
            return connection;
        }
        Operation<@Nullable Object, SQLException> call = () -> call(method, arguments);
        return connection.guard().call("getMetaData", null, call);
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments)
            throws SQLException {
        try {
            return method.invoke(metaData, arguments);
        } catch (InvocationTargetException e) {
            throw sqlException(e.getTargetException());
        } catch (IllegalAccessException e) {
            throw new LinkageError("DatabaseMetaData is a public interface", e);
        }
    }

    private static SQLException sqlException(Throwable thrown) {
        return switch (thrown) {
            case SQLException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> new SQLException(thrown);
        };
    }
}
