// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.concurrent.Executor;

/**
 * Virtual threads on a scheduler of one's own.
 *
 * <p>JDK 25 can do it and does not publish it: {@code ThreadBuilders.VirtualThreadBuilder} has a
 * package-private constructor that takes an Executor, there for the JDK's own tests. It needs
 * {@code --add-opens java.base/java.lang=ALL-UNNAMED}, or {@code Add-Opens: java.base/java.lang}
 * in the manifest of an executable jar. Without it {@link #obstacle} says so, and the engine leaves
 * its virtual threads to the JDK's scheduler.
 */
final class LoopThreads {

    private static final @Nullable MethodHandle NEW_BUILDER;
    private static final @Nullable MethodHandle CURRENT_CARRIER;
    private static final @Nullable String OBSTACLE;

    static {
        MethodHandle builder = null;
        MethodHandle carrier = null;
        String obstacle = null;
        try {
            var lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            Class<?> type = lookup.findClass("java.lang.ThreadBuilders$VirtualThreadBuilder");
            builder =
                    lookup.findConstructor(type, MethodType.methodType(void.class, Executor.class))
                            .asType(
                                    MethodType.methodType(
                                            Thread.Builder.OfVirtual.class, Executor.class));
            carrier =
                    lookup.findStatic(
                            Thread.class,
                            "currentCarrierThread",
                            MethodType.methodType(Thread.class));
        } catch (IllegalAccessException e) {
            obstacle =
                    "java.lang is not open to the engine: start the JVM with"
                            + " --add-opens=java.base/java.lang=ALL-UNNAMED, or put 'Add-Opens:"
                            + " java.base/java.lang' into the executable jar's manifest";
        } catch (ReflectiveOperationException e) {
            obstacle =
                    "this JDK ("
                            + Runtime.version()
                            + ") builds virtual threads another way than JDK 25: "
                            + e.getMessage();
        }
        NEW_BUILDER = builder;
        CURRENT_CARRIER = carrier;
        OBSTACLE = obstacle;
    }

    private LoopThreads() {}

    /** Why loops cannot carry virtual threads in this JVM; null when they can. */
    static @Nullable String obstacle() {
        return OBSTACLE;
    }

    /** A builder of virtual threads whose continuations run wherever {@code scheduler} runs them. */
    static Thread.Builder.OfVirtual builder(Executor scheduler) {
        MethodHandle constructor = NEW_BUILDER;
        if (constructor == null) {
            throw new IllegalStateException(OBSTACLE);
        }
        try {
            return (Thread.Builder.OfVirtual) constructor.invokeExact(scheduler);
        } catch (Throwable t) {
            throw new IllegalStateException("The JDK refused a virtual thread scheduler", t);
        }
    }

    /** The platform thread under the caller, or the caller where that cannot be known. */
    static Thread currentCarrier() {
        MethodHandle carrier = CURRENT_CARRIER;
        if (carrier == null) {
            return Thread.currentThread();
        }
        try {
            return (Thread) carrier.invokeExact();
        } catch (Throwable t) {
            throw new IllegalStateException("The JDK would not name its carrier", t);
        }
    }

    /**
     * The virtual thread that {@code continuation} continues, or null where it does not tell. For the
     * observer: its carrier's stack does not show what it is at, only its own does.
     */
    static @Nullable Thread threadOf(Runnable continuation) {
        // VirtualThread makes its continuation of a method reference, whose one field is itself.
        Class<?> type = continuation.getClass();
        try {
            var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            for (Field field : type.getDeclaredFields()) {
                if (Thread.class.isAssignableFrom(field.getType())) {
                    return (Thread) lookup.unreflectGetter(field).invoke(continuation);
                }
            }
            return null;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return null; // another JDK: the observer makes do with the carrier
        }
    }
}
