// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.DurationHistogram;
import dev.netpoll.engine.stats.LoopSnapshot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * The times of one loop: how long it slept, how late it came to its timers, how long it took to
 * wake. Written by its carrier between slices, opaquely; {@link #signalled} by the thread that
 * wakes it.
 */
final class LoopTimes {

    private static final VarHandle SLEPT = field("slept");
    private static final VarHandle ASLEEP_SINCE = field("asleepSince");
    private static final VarHandle LAST_ROUND = field("lastRound");
    private static final VarHandle SIGNALLED = field("signalled");

    private final long started;
    private final DurationHistogram lag = new DurationHistogram();
    private final DurationHistogram wakeUp = new DurationHistogram();

    /** Nanoseconds of sleep that are over. Carrier only. */
    private long slept;

    /** Ticker time, or 0 while awake. Carrier only. */
    private long asleepSince;

    /** Ticker time. Carrier only. */
    private long lastRound;

    /** When it was last signalled out of its sleep. Any thread. */
    private long signalled;

    LoopTimes(long now) {
        started = now;
        lastRound = now;
    }

    /** The loop comes round and looks at its timers; the first fires at {@code earliest}. */
    void cameRound(long earliest, long now) {
        LAST_ROUND.setOpaque(this, now);
        if (earliest <= now) {
            lag.addOnLoop(now - earliest);
        }
    }

    void fallsAsleep(long now) {
        ASLEEP_SINCE.setOpaque(this, now);
    }

    void awake(long now) {
        long since = asleepSince;
        SLEPT.setOpaque(this, slept + now - since);
        LAST_ROUND.setOpaque(this, now);
        ASLEEP_SINCE.setOpaque(this, 0L);
        long signal = (long) SIGNALLED.getOpaque(this);
        if (signal > since) { // else it is an earlier sleep's, which had ended by itself
            wakeUp.addOnLoop(Math.max(now - signal, 0));
        }
    }

    /** Any thread, before it signals. */
    void signalled(long now) {
        SIGNALLED.setOpaque(this, now);
    }

    LoopSnapshot.Times snapshot(long now) {
        long asleep = (long) ASLEEP_SINCE.getOpaque(this);
        long total = (long) SLEPT.getOpaque(this) + (asleep == 0 ? 0 : Math.max(now - asleep, 0));
        long silent = asleep == 0 ? Math.max(now - (long) LAST_ROUND.getOpaque(this), 0) : 0;
        return new LoopSnapshot.Times(
                Duration.ofNanos(now - started),
                Duration.ofNanos(Math.min(total, now - started)),
                Duration.ofNanos(silent),
                lag.counts(),
                wakeUp.counts());
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(LoopTimes.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
