// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * {@link TimerStripe}s and the daemon thread that moves them all. An entry waits in the stripe of the
 * thread that schedules it, so that contexts which begin or end on many threads at once rarely meet. The
 * timer thread starts with the first expiry and
 * then parks until the next one can be due, to the nanosecond as far as the kernel goes.
 *
 * <p>Waking it costs a system call, so it is woken only for an expiry earlier than the time it means to
 * wake at; when the expiry it woke for has been called off meanwhile, it just parks again. Under a
 * steady load of timeouts that are called off it is never woken.
 *
 * <pre>
 *   wakeAt  → wakeAt          by                             then
 *   later   → a stripe's time schedule                       wakes the timer thread
 *   any     → NEVER           the timer thread               looks into all stripes
 *   later   → the earliest    the timer thread, afterwards   parks until wakeAt
 *   any     → NEVER           a start that failed            the next expiry tries again
 * </pre>
 *
 * What is scheduled into a stripe that has been looked into already lowers {@code wakeAt} itself, and
 * the park that follows returns at once.
 *
 * <p>Any thread may schedule and cancel. Expiries run on the timer thread with no lock held.
 */
final class TimerThread {

    private static final Logger LOG = System.getLogger(TimerThread.class.getName());

    private static final VarHandle WAKE_AT;

    /** A power of two: so many for each processor that two threads at once seldom want the same. */
    private static final int STRIPES =
            8 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

    static {
        try {
            WAKE_AT = MethodHandles.lookup().findVarHandle(TimerThread.class, "wakeAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongSupplier clock;
    private final ThreadFactory threads;
    private final long origin;
    private final TimerStripe[] stripes = new TimerStripe[STRIPES];
    private volatile long wakeAt = TimerWheel.NEVER; // atomic, see the table
    private volatile @Nullable Thread thread; // set once, under this object's lock

    TimerThread(LongSupplier clock) {
        this(clock, TimerThread::daemon);
    }

    /** With threads of a test's own. */
    TimerThread(LongSupplier clock, ThreadFactory threads) {
        this.clock = clock;
        this.threads = threads;
        this.origin = clock.getAsLong();
        Arrays.setAll(stripes, _ -> new TimerStripe());
    }

    private static Thread daemon(Runnable loop) {
        Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("netpoll-context-timer")
                        .inheritInheritableThreadLocals(false)
                        .unstarted(loop);
        // What it would inherit belongs to the first caller, not to a thread that never ends.
        thread.setContextClassLoader(null);
        return thread;
    }

    ContextRuntime.Timeout schedule(long atNanos, Runnable expiry) {
        int number = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        return schedule(stripes[number], atNanos, expiry);
    }

    /** Into a stripe of the caller's choice; for tests. */
    ContextRuntime.Timeout schedule(TimerStripe stripe, long atNanos, Runnable expiry) {
        TimerEntry entry = new TimerEntry(stripe, Math.max(0, atNanos - origin), expiry);
        if (lowerWakeAt(stripe.add(entry))) {
            wake();
        }
        return entry;
    }

    private boolean lowerWakeAt(long lookAt) {
        long before = wakeAt;
        while (lookAt < before) {
            long seen = (long) WAKE_AT.compareAndExchange(this, before, lookAt);
            if (seen == before) {
                return true;
            }
            before = seen;
        }
        return false;
    }

    private void wake() {
        Thread sleeper = thread;
        LockSupport.unpark(sleeper == null ? start() : sleeper);
    }

    /**
     * The thread, started now or by another; null where none can be. A context's deadline holds without
     * a timer for all that look, so that is said and tried again with the next expiry.
     */
    private synchronized @Nullable Thread start() {
        if (thread == null) {
            try {
                Thread started = threads.newThread(this::loop);
                started.start();
                thread = started;
            } catch (Throwable noThread) {
                wakeAt = TimerWheel.NEVER;
                LOG.log(Level.WARNING, "No thread for the timer of the deadlines yet", noThread);
            }
        }
        return thread;
    }

    private void loop() {
        List<Runnable> expired = new ArrayList<>();
        while (true) {
            try {
                turn(expired);
            } catch (Throwable failure) {
                // A timer that dies here would leave every deadline of the JVM to the lookers
                // alone.
                LOG.log(Level.ERROR, "The timer of the deadlines failed", failure);
            }
        }
    }

    private void turn(List<Runnable> expired) {
        wakeAt = TimerWheel.NEVER;
        long now = clock.getAsLong() - origin;
        long earliest = TimerWheel.NEVER;
        for (TimerStripe stripe : stripes) {
            earliest = Math.min(earliest, stripe.advance(now, expired::add));
        }
        lowerWakeAt(earliest);
        if (expired.isEmpty()) {
            park(wakeAt, now);
        } else {
            expired.forEach(TimerThread::runSafely);
            expired.clear();
        }
    }

    private void park(long until, long now) {
        if (until == TimerWheel.NEVER) {
            LockSupport.park(this);
        } else if (until > now) {
            LockSupport.parkNanos(this, until - now);
        }
    }

    private static void runSafely(Runnable expiry) {
        try {
            expiry.run();
        } catch (Throwable failure) {
            LOG.log(Level.ERROR, "An expiry failed", failure);
        }
    }

    /** How many expiries are waiting; for tests. */
    int size() {
        return Arrays.stream(stripes).mapToInt(TimerStripe::size).sum();
    }

    /** For tests. */
    TimerStripe[] stripes() {
        return stripes;
    }
}
