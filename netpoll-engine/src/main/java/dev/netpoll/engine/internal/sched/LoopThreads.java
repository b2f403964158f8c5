// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Virtual threads on a scheduler of one's own.
 *
 * <p>JDK 25 can do it and does not publish it: {@link SchedulerHook} has the ways of JDKs. It needs
 * {@code --add-opens java.base/java.lang=ALL-UNNAMED}, or {@code Add-Opens: java.base/java.lang}
 * in the manifest of an executable jar. Without it, or on a JDK that has no such way, {@link #obstacle} says so, and
 * the engine leaves its virtual threads to the JDK's scheduler.
 */
final class LoopThreads {

    private static final @Nullable MethodHandle NEW_BUILDER;
    private static final @Nullable MethodHandle CURRENT_CARRIER;
    private static final @Nullable String OBSTACLE;

    /** The name of a thread of the JDK's; with another such threads go on behind what has begun. */
    private static final String MONITORS_HANDED_ON_BY = "VirtualThread-unblocker";

    /**
     * Loaded before memory lacks. JDK 25 queues a continuation again then ({@code VirtualThread.submitRunContinuation}),
     * but asks first whether what it caught is one of these. Where the JVM cannot load the class for that, it throws
     * another OutOfMemoryError past both handlers: the thread is runnable, in no queue, and nothing wakes it any more.
     */
    @SuppressWarnings("unused")
    private static final Class<?> CAUGHT_BY_THE_JDK = RejectedExecutionException.class;

    /** Null where this JDK has no such states. */
    private static final @Nullable TimedParks TIMED_PARKS;

    static {
        SchedulerHook hook = SchedulerHook.ofThisJdk();
        MethodHandle newBuilder = hook.newBuilder();
        NEW_BUILDER =
                newBuilder == null
                        ? null
                        : newBuilder.asType(
                                MethodType.methodType(
                                        Thread.Builder.OfVirtual.class, Executor.class));
        CURRENT_CARRIER = NEW_BUILDER == null ? null : currentCarrierOfThisJdk();
        OBSTACLE =
                NEW_BUILDER != null && CURRENT_CARRIER == null
                        ? "this JDK (" + Runtime.version() + ") does not tell a thread's carrier"
                        : hook.obstacle();
        TIMED_PARKS = NEW_BUILDER == null ? null : timedParks();
    }

    private static @Nullable MethodHandle currentCarrierOfThisJdk() {
        try {
            return MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
                    .findStatic(
                            Thread.class,
                            "currentCarrierThread",
                            MethodType.methodType(Thread.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static @Nullable TimedParks timedParks() {
        try {
            var lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            Class<?> type = lookup.findClass("java.lang.VirtualThread");
            Thread sample = builder(Runnable::run).unstarted(() -> {});
            var continuation =
                    (Runnable)
                            lookupIn(type)
                                    .findGetter(type, "runContinuation", Runnable.class)
                                    .invoke(sample);
            return TimedParks.of(type, continuation);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return null; // another JDK: a thread is lost with the memory
        }
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

    /**
     * Has the JDK start the pollers of its own sockets now, from a platform thread. Their virtual threads inherit the
     * scheduler of the thread that makes them: otherwise the first carried thread that waits for a socket of the
     * JDK's would put them on its loop, for the whole JVM and for good (docs/decisions/0018).
     */
    static void startTheJdksPollers() {
        if (!Thread.currentThread().isVirtual()) {
            initialisePoller();
            return;
        }
        Thread platform = Thread.ofPlatform().daemon().start(LoopThreads::initialisePoller);
        boolean interrupted = false;
        while (platform.isAlive()) {
            try {
                platform.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void initialisePoller() {
        try {
            Class.forName("sun.nio.ch.Poller");
        } catch (ClassNotFoundException | LinkageError e) {
            System.getLogger(LoopThreads.class.getName())
                    .log(
                            System.Logger.Level.DEBUG,
                            "This JDK polls its own sockets another way",
                            e);
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
        } catch (VirtualMachineError e) {
            throw e; // the JDK queues the continuation again, later
        } catch (Throwable t) {
            throw new IllegalStateException("The JDK would not name its carrier", t);
        }
    }

    /**
     * Makes the thread that {@code continuation} continues runnable again, if it was about to park for a time and the
     * JDK had no memory to arm the timer: it stays between running and parked, where no unpark finds it. What follows
     * is a park that ends early, as each may. Called by the carrier on which that was thrown; needs no memory.
     *
     * @return whether the continuation is to be queued again
     */
    static boolean rescue(Runnable continuation) {
        TimedParks parks = TIMED_PARKS;
        return parks != null && parks.rescue(continuation);
    }

    /**
     * Whether the calling thread is the JDK's that goes on with virtual threads that waited for a monitor, one for each
     * time that one is left.
     */
    static boolean handsMonitorsOn() {
        return MONITORS_HANDED_ON_BY.equals(Thread.currentThread().getName());
    }

    /**
     * The virtual thread that {@code continuation} continues, or null where it does not tell. For the
     * observer: its carrier's stack does not show what it is at, only its own does.
     */
    static @Nullable Thread threadOf(Runnable continuation) {
        try {
            MethodHandle getter = threadGetter(continuation.getClass());
            return getter == null ? null : (Thread) getter.invoke(continuation);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return null; // another JDK: the observer makes do with the carrier
        }
    }

    /** Reads the thread out of a continuation of class {@code type}; null where it has none. */
    static @Nullable MethodHandle threadGetter(Class<?> type) throws IllegalAccessException {
        // VirtualThread makes its continuation of a method reference, whose one field is itself.
        var lookup = lookupIn(type);
        for (Field field : type.getDeclaredFields()) {
            if (Thread.class.isAssignableFrom(field.getType())) {
                return lookup.unreflectGetter(field);
            }
        }
        return null;
    }

    /** For the private parts of {@code type}. */
    static MethodHandles.Lookup lookupIn(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }
}
