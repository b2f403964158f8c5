// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executor;

/**
 * How this JDK makes virtual threads that run on a scheduler of one's own; it is not published by any. Found once, by what
 * the JDK has, newest last (docs/decisions/0019):
 *
 * <table>
 * <caption>Shapes</caption>
 * <tr><td>{@link Shape#CONSTRUCTOR}</td><td>JDK 21 to 25, and later ones as long as they have it: {@code
 * VirtualThreadBuilder(Executor)}, package-private</td></tr>
 * <tr><td>{@link Shape#INTERFACE}</td><td>the Loom repository: {@code Thread.VirtualThreadScheduler} with {@code onStart}
 * and {@code onContinue}, in the builder's private field {@code scheduler}</td></tr>
 * </table>
 *
 * @param shape null where there is none
 * @param newBuilder takes the Executor, answers the builder; null where there is none
 * @param obstacle why there is none, and what to do; null where there is one
 */
record SchedulerHook(
        @Nullable Shape shape, @Nullable MethodHandle newBuilder, @Nullable String obstacle) {

    enum Shape {
        CONSTRUCTOR,
        INTERFACE
    }

    private static final String NOT_OPEN =
            "java.lang is not open to the engine: start the JVM with"
                    + " --add-opens=java.base/java.lang=ALL-UNNAMED, or put 'Add-Opens:"
                    + " java.base/java.lang' into the executable jar's manifest";

    /** Of the JDK that runs this. */
    static SchedulerHook ofThisJdk() {
        try {
            var lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            Class<?> builder = lookup.findClass("java.lang.ThreadBuilders$VirtualThreadBuilder");
            return of(lookup, builder, schedulerOf(lookup));
        } catch (IllegalAccessException e) {
            return new SchedulerHook(null, null, NOT_OPEN);
        } catch (ClassNotFoundException e) {
            return without("no " + e.getMessage());
        }
    }

    private static @Nullable Class<?> schedulerOf(MethodHandles.Lookup lookup)
            throws IllegalAccessException {
        try {
            return lookup.findClass("java.lang.Thread$VirtualThreadScheduler");
        } catch (ClassNotFoundException e) {
            return null; // as in every release so far
        }
    }

    /**
     * @param lookup with access to what is private in the two
     * @param builder the class of the builder of virtual threads
     * @param scheduler the interface of schedulers, where there is one
     */
    static SchedulerHook of(
            MethodHandles.Lookup lookup, Class<?> builder, @Nullable Class<?> scheduler) {
        try {
            return new SchedulerHook(Shape.CONSTRUCTOR, constructor(lookup, builder), null);
        } catch (ReflectiveOperationException e) {
            // Not this one.
        }
        if (scheduler == null) {
            return without("the builder has no constructor for an Executor any more");
        }
        try {
            return new SchedulerHook(Shape.INTERFACE, field(lookup, builder, scheduler), null);
        } catch (ReflectiveOperationException e) {
            return without(
                    "the builder has no constructor for an Executor any more, and its scheduler is"
                            + " not the one of the Loom repository: "
                            + e.getMessage());
        }
    }

    private static SchedulerHook without(String why) {
        return new SchedulerHook(
                null,
                null,
                "this JDK ("
                        + Runtime.version()
                        + ") makes virtual threads another way than those that the engine knows: "
                        + why
                        + ". They run on the JDK's scheduler, where everything works and costs"
                        + " more. Use JDK 25, or a version of netpoll that knows this JDK;"
                        + " carriers=jdk says that it is meant");
    }

    private static MethodHandle constructor(MethodHandles.Lookup lookup, Class<?> builder)
            throws ReflectiveOperationException {
        return lookup.findConstructor(builder, MethodType.methodType(void.class, Executor.class));
    }

    /** Threads of such a builder do not hand their scheduler on to those that they start. */
    private static MethodHandle field(
            MethodHandles.Lookup lookup, Class<?> builder, Class<?> scheduler)
            throws ReflectiveOperationException {
        for (String method : new String[] {"onStart", "onContinue"}) {
            if (!takesTasks(scheduler, method)) {
                throw new NoSuchMethodException(scheduler.getName() + "." + method);
            }
        }
        MethodHandle empty = lookup.findConstructor(builder, MethodType.methodType(void.class));
        VarHandle field = lookup.findVarHandle(builder, "scheduler", scheduler);
        MethodHandle made =
                MethodHandles.lookup()
                        .findStatic(
                                SchedulerHook.class,
                                "builderWith",
                                MethodType.methodType(
                                        Object.class,
                                        MethodHandle.class,
                                        VarHandle.class,
                                        Class.class,
                                        Executor.class));
        return MethodHandles.insertArguments(made, 0, empty, field, scheduler);
    }

    private static boolean takesTasks(Class<?> scheduler, String name) {
        for (Method method : scheduler.getMethods()) {
            if (method.getName().equals(name)
                    && method.getParameterCount() == 1
                    && Runnable.class.isAssignableFrom(method.getParameterTypes()[0])) {
                return true;
            }
        }
        return false;
    }

    private static Object builderWith(
            MethodHandle empty, VarHandle field, Class<?> scheduler, Executor executor)
            throws Throwable {
        Object builder = empty.invoke();
        field.set(
                builder,
                Proxy.newProxyInstance(
                        scheduler.getClassLoader(),
                        new Class<?>[] {scheduler},
                        (proxy, method, arguments) -> call(executor, proxy, method, arguments)));
        return builder;
    }

    /** What the JDK asks of a scheduler. A task is a continuation: the loop queues and runs it as it is. */
    private static @Nullable Object call(
            Executor executor, Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        switch (method.getName()) {
            case "onStart", "onContinue" -> {
                if (arguments == null) {
                    throw new IllegalArgumentException(method + " without a task");
                }
                executor.execute((Runnable) arguments[0]);
                return null;
            }
            case "equals" -> {
                return arguments != null && proxy == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(executor);
            }
            case "toString" -> {
                return executor.toString();
            }
            default -> {
                return byDefault(proxy, method, arguments);
            }
        }
    }

    private static @Nullable Object byDefault(
            Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (!method.isDefault()) {
            throw new UnsupportedOperationException(
                    "The JDK asks of a scheduler what the engine does not know: " + method);
        }
        try {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
