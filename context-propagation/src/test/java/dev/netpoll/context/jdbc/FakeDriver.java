// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

/**
 * A driver, with its pool, that does what a test's script says and writes down what it was asked. What
 * has no script answers with another of its objects, zero, or nothing. Any thread.
 */
final class FakeDriver {

    /** What one method does. */
    interface Body {
        Object run(Object... arguments) throws SQLException;
    }

    private final Map<String, Body> script = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<Class<?>, Object> objects = new ConcurrentHashMap<>();

    /** From now on {@code method}, as in {@code "Statement.execute"}, does this. */
    FakeDriver on(String method, Body body) {
        script.put(method, body);
        return this;
    }

    /** What was asked of it so far, without what only looks. */
    List<String> asked() {
        return asked.stream()
                .filter(m -> !m.matches(".*\\.(isWrapperFor|getFetchSize|getAutoCommit)"))
                .toList();
    }

    DataSource pool() {
        return of(DataSource.class);
    }

    /** A guarded connection to it that loses patience after an hour. */
    Connection connection() throws SQLException {
        return connection(new JdbcSettings(java.time.Duration.ofMillis(1), HOUR, false));
    }

    Connection connection(JdbcSettings settings) throws SQLException {
        return connection(settings, CancelListener.NONE);
    }

    Connection connection(JdbcSettings settings, CancelListener listener) throws SQLException {
        Connection connection = new ContextDataSource(pool(), settings, listener).getConnection();
        asked.clear();
        return connection;
    }

    static final java.time.Duration HOUR = java.time.Duration.ofHours(1);

    @SuppressWarnings("unchecked")
    <T> T of(Class<T> type) {
        return (T)
                objects.computeIfAbsent(
                        type,
                        _ ->
                                Proxy.newProxyInstance(
                                        getClass().getClassLoader(),
                                        new Class<?>[] {type},
                                        new Speaker(type)));
    }

    /** Something of {@code type}: an argument or a result. */
    Object some(Class<?> type) {
        return switch (type.getName()) {
            case "boolean" -> true;
            case "byte" -> (byte) 1;
            case "short" -> (short) 2;
            case "int" -> 3;
            case "long" -> 4L;
            case "float" -> 5F;
            case "double" -> 6D;
            case "java.lang.String", "java.lang.Object" -> "text";
            default -> Wrapper.class.isAssignableFrom(type) ? of(type) : null;
        };
    }

    private final class Speaker implements InvocationHandler {

        private final Class<?> type;

        Speaker(Class<?> type) {
            this.type = type;
        }

        @Override
        public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default -> "fake " + type.getSimpleName();
                };
            }
            String name = type.getSimpleName() + "." + method.getName();
            asked.add(name);
            Body body = script.get(name);
            return body != null
                    ? body.run(arguments == null ? new Object[0] : arguments)
                    : answer(method.getReturnType());
        }

        private Object answer(Class<?> result) throws SQLException {
            if (result == boolean.class) {
                return false;
            }
            if (result == int.class) {
                return 0;
            }
            if (result == long.class) {
                return 0L;
            }
            for (Class<?> object : OBJECTS) {
                if (result == object) {
                    return of(object);
                }
            }
            return null;
        }
    }

    private static final List<Class<?>> OBJECTS =
            List.of(
                    Connection.class,
                    Statement.class,
                    PreparedStatement.class,
                    CallableStatement.class,
                    ResultSet.class,
                    DatabaseMetaData.class,
                    ResultSetMetaData.class,
                    ParameterMetaData.class);
}
