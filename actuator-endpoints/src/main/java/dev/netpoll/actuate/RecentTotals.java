// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.engine.stats.LoopSnapshot;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Remembers the totals for a moment, so that a scrape of a hundred meters counts ten thousand descriptors
 * once. Safe from any thread.
 */
final class RecentTotals {

    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final Supplier<EngineTotals> source;
    private final LongSupplier nanoClock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by lock. */
    private @Nullable EngineTotals latest;

    /** Guarded by lock. */
    private long takenAt;

    /** The one before the latest. Guarded by lock. */
    private @Nullable EngineTotals former;

    RecentTotals(Supplier<EngineTotals> source, LongSupplier nanoClock) {
        this.source = source;
        this.nanoClock = nanoClock;
    }

    EngineTotals get() {
        lock.lock();
        try {
            EngineTotals known = latest;
            long now = nanoClock.getAsLong();
            if (known != null && now - takenAt < FRESH_NANOS) {
                return known;
            }
            EngineTotals fresh = source.get();
            former = known;
            latest = fresh;
            takenAt = now;
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /** What share of its time loop {@code i} was awake between the last two looks at it. */
    double busy(int i) {
        List<LoopSnapshot> now = get().loopSnapshots();
        lock.lock();
        try {
            List<LoopSnapshot> then = former == null ? List.of() : former.loopSnapshots();
            if (i >= now.size()) {
                return 0;
            }
            if (i >= then.size()) {
                return EngineTotals.busy(now.get(i));
            }
            return busyBetween(then.get(i), now.get(i));
        } finally {
            lock.unlock();
        }
    }

    private static double busyBetween(LoopSnapshot then, LoopSnapshot now) {
        Duration passed = now.times().age().minus(then.times().age());
        if (passed.isNegative() || passed.isZero()) {
            return EngineTotals.busy(now); // another engine's loop
        }
        Duration slept = now.times().slept().minus(then.times().slept());
        return Math.clamp(1 - (double) slept.toNanos() / passed.toNanos(), 0, 1);
    }
}
