// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Guards the meta data of a database, its rows or a statement's parameters. Most of their methods may ask
 * the database, few are called often: a dynamic proxy that guards all but those that {@link JdbcSurface}
 * calls local. It has the driver's own interfaces too, since no pool hides those of rows. Confined like
 * its connection.
 */
final class MetaDataCalls implements InvocationHandler {

    private static final String CALL = "getMetaData";

    /** What a driver's class implements and a proxy can. */
    private static final ClassValue<Class<?>[]> INTERFACES =
            new ClassValue<>() {
                @Override
                protected Class<?>[] computeValue(Class<?> type) {
                    return interfacesOf(type);
                }
            };

    private final Wrapper metaData;
    private final ContextConnection connection;
    private final @Nullable Statement statement;

    private MetaDataCalls(
            Wrapper metaData, ContextConnection connection, @Nullable Statement statement) {
        this.metaData = metaData;
        this.connection = connection;
        this.statement = statement;
    }

    /**
     * @param statement the driver's, whose cancel ends a call
     */
    static <T extends Wrapper> T around(
            Class<T> jdbc,
            T metaData,
            ContextConnection connection,
            @Nullable Statement statement) {
        Class<?> type = metaData.getClass();
        return jdbc.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        INTERFACES.get(type),
                        new MetaDataCalls(metaData, connection, statement)));
    }

    private static Class<?>[] interfacesOf(Class<?> type) {
        Set<Class<?>> found = new LinkedHashSet<>();
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Class<?> face : each.getInterfaces()) {
                if (Modifier.isPublic(face.getModifiers())
                        && face.getModule().isExported(face.getPackageName())) {
                    found.add(face);
                }
            }
        }
        return found.toArray(Class<?>[]::new);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        Class<?> type = method.getDeclaringClass();
        if (type == Object.class) {
            return method.getName().equals("equals")
                    ? arguments != null && proxy == arguments[0]
                    : call(method, arguments);
        }
        if (type == Wrapper.class && arguments != null) {
            return ofWrapper(proxy, method, (Class<?>) arguments[0]);
        }
        if (JdbcSurface.of(method) == JdbcCall.LOCAL) {
            return call(method, arguments);
        }
        if (method.getReturnType() == Connection.class) {
            return connection;
        }
        Object result = guarded(method, arguments);
        return result instanceof ResultSet rows
                ? ContextResultSet.around(rows, connection)
                : result;
    }

    private @Nullable Object guarded(Method method, Object @Nullable [] arguments)
            throws SQLException {
        Operation<@Nullable Object, SQLException> call = () -> call(method, arguments);
        return metaData instanceof DatabaseMetaData
                ? connection.guard().call(CALL, statement, call)
                : connection.guard().read(CALL, statement, call);
    }

    private Object ofWrapper(Object proxy, Method method, Class<?> type) throws SQLException {
        if (method.getName().equals("unwrap")) {
            return type.isInstance(proxy) ? proxy : metaData.unwrap(type);
        }
        return type.isInstance(proxy) || metaData.isWrapperFor(type);
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments)
            throws SQLException {
        try {
            return method.invoke(metaData, arguments);
        } catch (InvocationTargetException e) {
            throw sqlException(e.getTargetException());
        } catch (IllegalAccessException e) {
            throw new LinkageError("The interfaces of a proxy are public", e);
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
