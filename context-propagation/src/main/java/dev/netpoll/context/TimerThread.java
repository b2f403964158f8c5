package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A {@link TimerWheel} and the daemon thread that moves it. The thread starts with the first expiry and
 * then parks until the next one can be due, to the nanosecond as far as the kernel goes.
 *
 * <p>Waking it costs a system call, so it is woken only for an expiry earlier than the time it means to
 * wake at; when the expiry it woke for has been called off meanwhile, it just parks again. Under a
 * steady load of timeouts that are called off nobody ever wakes it.
 *
 * <p>Any thread may schedule and cancel. Lock: {@code lock}, for links only; expiries run on the timer
 * thread with no lock held.
 */
final class TimerThread {

    private static final Logger LOG = System.getLogger(TimerThread.class.getName());

    private final Object lock = new Object();
    private final LongSupplier clock;
    private final long origin;
    private final TimerWheel wheel = new TimerWheel(); // under lock
    private long wakeAt = TimerWheel.NEVER; // under lock
    private @Nullable Thread thread; // under lock, set once

    TimerThread(LongSupplier clock) {
        this.clock = clock;
        this.origin = clock.getAsLong();
    }

    ContextRuntime.Timeout schedule(long atNanos, Runnable expiry) {
        TimerEntry entry = new TimerEntry(this, Math.max(0, atNanos - origin), expiry);
        Thread toWake = null;
        synchronized (lock) {
            long lookAt = wheel.add(entry);
            if (lookAt < wakeAt) {
                wakeAt = lookAt;
                toWake = thread == null ? startThread() : thread;
            }
        }
        LockSupport.unpark(toWake);
        return entry;
    }

    void cancel(TimerEntry entry) {
        synchronized (lock) {
            wheel.remove(entry);
        }
    }

    private Thread startThread() {
        Thread started =
                Thread.ofPlatform()
                        .daemon()
                        .name("netpoll-context-timer")
                        .inheritInheritableThreadLocals(false)
                        .unstarted(this::loop);
        // What it would inherit belongs to whoever came first, not to a thread that never ends.
        started.setContextClassLoader(null);
        started.start();
        thread = started;
        return started;
    }

    private void loop() {
        List<Runnable> expired = new ArrayList<>();
        while (true) {
            long now = clock.getAsLong() - origin;
            long until;
            synchronized (lock) {
                wheel.advance(now, expired::add);
                until = wheel.next();
                wakeAt = until;
            }
            if (expired.isEmpty()) {
                park(until, now);
            } else {
                expired.forEach(this::runSafely);
                expired.clear();
            }
        }
    }

    private void park(long until, long now) {
        if (until == TimerWheel.NEVER) {
            LockSupport.park(this);
        } else if (until > now) {
            LockSupport.parkNanos(this, until - now);
        }
    }

    private void runSafely(Runnable expiry) {
        try {
            expiry.run();
        } catch (Throwable failure) {
            // A timer that dies here would leave every deadline of the JVM to the lookers alone.
            LOG.log(Level.ERROR, "An expiry failed", failure);
        }
    }

    /** How many expiries are waiting; for tests. */
    int size() {
        synchronized (lock) {
            return wheel.size();
        }
    }
}
