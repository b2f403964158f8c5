// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * An object of an interface with a few of its methods changed. The interface's default methods see the
 * changed ones. A proxy rather than a class: Resilience4j's interfaces have dozens of methods, and get
 * more.
 *
 * <p>Immutable, apart from its target; any thread.
 */
final class Proxied implements InvocationHandler {

    /** What a changed method does. */
    @FunctionalInterface
    interface Change {

        /** Called for every method; calls {@code original} for those it does not change. */
        @Nullable Object invoke(String method, @Nullable Object[] arguments, Original original)
                throws Throwable;
    }

    /** The method as it was. */
    @FunctionalInterface
    interface Original {

        @Nullable Object proceed(@Nullable Object... arguments) throws Throwable;
    }

    private static final @Nullable Object[] NONE = {};

    private final Object target;
    private final Change change;

    private Proxied(Object target, Change change) {
        this.target = target;
        this.change = change;
    }

    static <T> T of(Class<T> type, T target, Change change) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, new Proxied(target, change)));
    }

    /** Whether {@code candidate} was made here. */
    static boolean is(Object candidate) {
        return Proxy.isProxyClass(candidate.getClass())
                && Proxy.getInvocationHandler(candidate) instanceof Proxied;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
            throws Throwable {
        @Nullable Object[] arguments = given == null ? NONE : given;
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(proxy, method, arguments);
        }
        return change.invoke(
                method.getName(), arguments, changed -> proceed(proxy, method, changed));
    }

    private @Nullable Object ofObject(Object proxy, Method method, @Nullable Object[] arguments)
            throws Throwable {
        return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> method.invoke(target, arguments);
        };
    }

    private @Nullable Object proceed(Object proxy, Method method, @Nullable Object[] arguments)
            throws Throwable {
        if (method.isDefault() && !isOverridden(method)) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            throw thrown == null ? e : thrown;
        }
    }

    private boolean isOverridden(Method method) throws NoSuchMethodException {
        return !target.getClass()
                .getMethod(method.getName(), method.getParameterTypes())
                .isDefault();
    }
}
