// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.jdbc;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;

import javax.sql.DataSource;

/**
 * The least that JDK proxies cost: every object is wrapped, every call handed on, nothing else is done.
 */
record ProxiedJdbc(Object target) implements InvocationHandler {

    static <T> T wrap(Class<T> type, Object target) {
        return type.cast(
                Proxy.newProxyInstance(
                        ProxiedJdbc.class.getClassLoader(),
                        new Class<?>[] {type},
                        new ProxiedJdbc(target)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return wrapped(method.invoke(target, arguments));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static @Nullable Object wrapped(@Nullable Object result) {
        return switch (result) {
            case Connection connection -> wrap(Connection.class, connection);
            case PreparedStatement statement -> wrap(PreparedStatement.class, statement);
            case ResultSet rows -> wrap(ResultSet.class, rows);
            case DataSource pool -> wrap(DataSource.class, pool);
            case null, default -> result;
        };
    }
}
