// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/**
 * Virtual threads that were about to park, or to wait for a monitor, when memory lacked: for a timer, above all. JDK 25
 * leaves them in the state of transition ({@code VirtualThread.afterYield}), from which nothing wakes them.
 *
 * <pre>
 * state           → state       moved by
 * TIMED_PARKING   → UNPARKED    rescue, CAS: as by an unpark
 * PARKING         → UNPARKED    the same
 * YIELDING        → YIELDED     rescue, CAS: as by the JDK
 * TIMED_WAITING   → TIMED_WAIT  rescue; then as the JDK's own time-out, or its notification, moves it:
 * TIMED_WAIT      → UNBLOCKED   not notified
 * TIMED_WAIT      → BLOCKED     notified meanwhile: the monitor's owner unblocks it, or
 * BLOCKED         → UNBLOCKED   has done so already
 * </pre>
 *
 * <p>Confined to the carrier that caught the error. Its handles are made beforehand: there is no memory then.
 */
final class TimedParks {

    private final Class<?> continuation;
    private final MethodHandle threadOf;
    private final VarHandle state;
    private final VarHandle notified;
    private final VarHandle unblocked;
    private final int timedParking;
    private final int parking;
    private final int unparked;
    private final int yielding;
    private final int yielded;
    private final int started;
    private final int timedWaiting;
    private final int timedWait;
    private final int blocked;
    private final int runnable;

    private TimedParks(MethodHandles.Lookup in, Class<?> thread, Runnable sample)
            throws ReflectiveOperationException {
        continuation = sample.getClass();
        threadOf = threadOf(continuation);
        state = in.findVarHandle(thread, "state", int.class);
        notified = in.findVarHandle(thread, "notified", boolean.class);
        unblocked = in.findVarHandle(thread, "blockPermit", boolean.class);
        timedParking = constant(in, thread, "TIMED_PARKING");
        parking = constant(in, thread, "PARKING");
        unparked = constant(in, thread, "UNPARKED");
        yielding = constant(in, thread, "YIELDING");
        yielded = constant(in, thread, "YIELDED");
        started = constant(in, thread, "STARTED");
        timedWaiting = constant(in, thread, "TIMED_WAITING");
        timedWait = constant(in, thread, "TIMED_WAIT");
        blocked = constant(in, thread, "BLOCKED");
        runnable = constant(in, thread, "UNBLOCKED");
    }

    /**
     * For threads of the class {@code thread}.
     *
     * @param sample the continuation of one of them
     * @throws ReflectiveOperationException where this JDK has no such states
     */
    static TimedParks of(Class<?> thread, Runnable sample) throws ReflectiveOperationException {
        var in = LoopThreads.lookupIn(thread);
        var parks = new TimedParks(in, thread, sample);
        parks.linkAll(parks.thread(sample));
        return parks;
    }

    /** Calls all that a rescue may call, to no effect: linking a call needs memory. */
    private void linkAll(Object thread) {
        int none = -1;
        if ((int) state.getVolatile(thread) == timedParking
                || state.compareAndSet(thread, none, none)
                || (boolean) notified.getVolatile(thread)
                || (boolean) unblocked.getVolatile(thread)) {
            throw new IllegalStateException("A new thread is in the middle of something");
        }
        state.setVolatile(thread, (int) state.getVolatile(thread));
    }

    private static MethodHandle threadOf(Class<?> continuation)
            throws ReflectiveOperationException {
        MethodHandle getter = LoopThreads.threadGetter(continuation);
        if (getter == null) {
            throw new NoSuchFieldException("a continuation's thread");
        }
        return getter.asType(MethodType.methodType(Object.class, Runnable.class));
    }

    private static int constant(MethodHandles.Lookup in, Class<?> thread, String name)
            throws ReflectiveOperationException {
        return (int) in.findStaticVarHandle(thread, name, int.class).get();
    }

    /** See {@link LoopThreads#rescue}. */
    boolean rescue(Runnable stranded) {
        if (stranded.getClass() != continuation) {
            return false;
        }
        Object thread = thread(stranded);
        int now = (int) state.getVolatile(thread);
        if (now == timedParking || now == parking) {
            return state.compareAndSet(thread, now, unparked);
        }
        if (now == yielding) {
            return state.compareAndSet(thread, now, yielded);
        }
        return (now == timedWaiting && endWait(thread)) || isRunnable(now);
    }

    /** Then it may not be queued any more. Should it be, the second run finds that there is nothing to do. */
    private boolean isRunnable(int now) {
        return now == started || now == unparked || now == yielded || now == runnable;
    }

    private boolean endWait(Object thread) {
        state.setVolatile(thread, timedWait);
        if ((boolean) notified.getVolatile(thread)
                && state.compareAndSet(thread, timedWait, blocked)) {
            return (boolean) unblocked.getVolatile(thread)
                    && state.compareAndSet(thread, blocked, runnable);
        }
        return state.compareAndSet(thread, timedWait, runnable);
    }

    private Object thread(Runnable stranded) {
        try {
            return (Object) threadOf.invokeExact(stranded);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("The JDK would not name a continuation's thread", t);
        }
    }
}
