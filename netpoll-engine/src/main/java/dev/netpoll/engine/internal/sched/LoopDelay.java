// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.Timer;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Delayed;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of one timed park: a timer of the loop that parked it, or, when that loop has closed, a task
 * of the JDK's own scheduler. Safe from any thread.
 */
final class LoopDelay extends Timer implements ScheduledFuture<Object> {

    /** As far away as a timer can be; the greatest long is the queue's word for unarmed. */
    private static final long NEVER = Long.MAX_VALUE - 1;

    private static final long PAUSE_NANOS = 1_000_000;

    private final EventLoop loop;
    private final ScheduledExecutorService elsewhere;
    private final Runnable command;
    private final long when;

    /** Written once, by {@link #moveElsewhere}. */
    private volatile @Nullable Future<?> moved;

    LoopDelay(
            EventLoop loop, ScheduledExecutorService elsewhere, Runnable command, long delayNanos) {
        this.loop = loop;
        this.elsewhere = elsewhere;
        this.command = command;
        // A sleep of Long.MAX_VALUE must not overflow into the past, where it would end at once.
        long sum = loop.now() + Math.max(delayNanos, 1);
        this.when = sum < 0 ? NEVER : Math.min(sum, NEVER);
    }

    long when() {
        return when;
    }

    @Override
    protected void fire(long now) {
        command.run();
    }

    /** The loop has closed with this in its queue: a thread still waits for its end. */
    void moveElsewhere() {
        while (moved == null) {
            try {
                long delay = getDelay(TimeUnit.NANOSECONDS);
                moved = elsewhere.schedule(command, delay, TimeUnit.NANOSECONDS);
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(this, PAUSE_NANOS); // nothing else will wake that thread
            }
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (loop.timers().cancel(this)) {
            return true;
        }
        Future<?> elsewhereNow = moved;
        return elsewhereNow != null && elsewhereNow.cancel(false);
    }

    @Override
    public long getDelay(TimeUnit unit) {
        return unit.convert(when - loop.now(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
        return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }

    @Override
    public boolean isCancelled() {
        throw unused();
    }

    @Override
    public boolean isDone() {
        throw unused();
    }

    @Override
    public Object get() {
        throw unused();
    }

    @Override
    public Object get(long timeout, TimeUnit unit) {
        throw unused();
    }

    /** The JDK keeps the future of a timed park for one thing: to cancel it. */
    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("A timed park's future is only cancelled");
    }
}
