// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc.spring;

import dev.netpoll.context.jdbc.ContextConnections;
import dev.netpoll.context.jdbc.ContextDataSource;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.StaticMethodMatcherPointcut;

import java.lang.reflect.Method;
import java.lang.reflect.UndeclaredThrowableException;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.util.Objects;

import javax.sql.DataSource;

/**
 * Around the methods of one data source that return connections: they are got under the calling thread's
 * context, and guarded. The data source answers {@code isWrapperFor} and {@code unwrap} as the bean does, and
 * as one that wraps a {@link ContextDataSource}.
 *
 * <p>Any thread. Immutable.
 */
final class ConnectionAdvice implements MethodInterceptor {

    private static final String GET_CONNECTION = "getConnection";
    private static final String CREATE_BUILDER = "createConnectionBuilder";
    private static final String UNWRAP = "unwrap";
    private static final String IS_WRAPPER_FOR = "isWrapperFor";

    private final ContextConnections connections;
    private final boolean asksEachTime;

    /**
     * @param asksEachTime whether the data source may route to others that are guarded themselves: it is
     *     asked at each call, and left alone while it does
     */
    ConnectionAdvice(ContextConnections connections, boolean asksEachTime) {
        this.connections = connections;
        this.asksEachTime = asksEachTime;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        return switch (invocation.getMethod().getName()) {
            case GET_CONNECTION ->
                    isGuardedBelow(invocation)
                            ? invocation.proceed()
                            : connections.get(() -> connection(invocation));
            case CREATE_BUILDER ->
                    isGuardedBelow(invocation)
                            ? invocation.proceed()
                            : connections.over((ConnectionBuilder) result(invocation));
            case IS_WRAPPER_FOR -> isForUs(invocation) || (boolean) result(invocation);
            case UNWRAP -> isForUs(invocation) ? ours(invocation) : unwrapped(invocation);
            default -> invocation.proceed();
        };
    }

    private boolean isGuardedBelow(MethodInvocation invocation) {
        return asksEachTime && ContextDataSource.isWrapped(target(invocation));
    }

    private static boolean isForUs(MethodInvocation invocation) {
        return invocation.getArguments()[0] == ContextDataSource.class;
    }

    private ContextDataSource ours(MethodInvocation invocation) {
        return new ContextDataSource(target(invocation), connections);
    }

    /** The proxy rather than the bean behind it, wherever the proxy is what was asked for. */
    private static @Nullable Object unwrapped(MethodInvocation invocation) throws Throwable {
        Object unwrapped = invocation.proceed();
        return unwrapped == invocation.getThis()
                        && invocation instanceof ProxyMethodInvocation proxied
                        && invocation.getArguments()[0] instanceof Class<?> type
                        && type.isInstance(proxied.getProxy())
                ? proxied.getProxy()
                : unwrapped;
    }

    private static DataSource target(MethodInvocation invocation) {
        return (DataSource) Objects.requireNonNull(invocation.getThis());
    }

    private static Object result(MethodInvocation invocation) throws Throwable {
        return Objects.requireNonNull(invocation.proceed());
    }

    private static Connection connection(MethodInvocation invocation) throws SQLException {
        try {
            return (Connection) result(invocation);
        } catch (SQLException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new UndeclaredThrowableException(e);
        }
    }

    /**
     * The methods advised. One that returns a driver's own type of connection is not among them, since it
     * could not return a guarded one.
     */
    static final class Methods extends StaticMethodMatcherPointcut {

        @Override
        public boolean matches(Method method, Class<?> type) {
            return switch (method.getName()) {
                case GET_CONNECTION -> method.getReturnType() == Connection.class;
                case CREATE_BUILDER -> method.getReturnType() == ConnectionBuilder.class;
                case UNWRAP, IS_WRAPPER_FOR ->
                        method.getParameterCount() == 1
                                && method.getParameterTypes()[0] == Class.class;
                default -> false;
            };
        }
    }

    /** Whether this method would have to return a guarded connection, and cannot. */
    static boolean isOutOfReach(Method method) {
        Class<?> type = method.getReturnType();
        return switch (method.getName()) {
            case GET_CONNECTION ->
                    type != Connection.class && Connection.class.isAssignableFrom(type);
            case CREATE_BUILDER ->
                    type != ConnectionBuilder.class
                            && ConnectionBuilder.class.isAssignableFrom(type);
            default -> false;
        };
    }
}
