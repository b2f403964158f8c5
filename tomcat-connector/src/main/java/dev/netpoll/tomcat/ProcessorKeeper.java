// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Empties the cache of HTTP processors after a peak of load, the connector's ({@link ProcessorCache}) or, with a limit,
 * Tomcat's.
 *
 * <p>Tomcat's can only be emptied whole. So either is, when what was in flight at its
 * highest over a window is less than half of what is kept; what is needed is built anew at once.
 * {@link #look} runs on Tomcat's utility thread.
 */
final class ProcessorKeeper {

    private static final long LOOK_SECONDS = 5;
    private static final int LOOKS_PER_WINDOW = 12;

    /** Fewer than this are not worth emptying for. */
    private static final int WORTH_KEEPING = 64;

    /** Built since the cache was last emptied: an upper bound of what it holds. Any thread. */
    private final AtomicInteger built = new AtomicInteger();

    /** Utility thread only. */
    private int peak;

    /** Utility thread only. */
    private int looks;

    /** Guarded by this. */
    private @Nullable ScheduledFuture<?> schedule;

    void created() {
        built.incrementAndGet();
    }

    synchronized void start(
            ScheduledExecutorService executor, IntSupplier inFlight, Runnable emptyCache) {
        schedule =
                executor.scheduleWithFixedDelay(
                        () -> look(inFlight.getAsInt(), emptyCache),
                        LOOK_SECONDS,
                        LOOK_SECONDS,
                        TimeUnit.SECONDS);
    }

    synchronized void stop() {
        if (schedule != null) {
            schedule.cancel(false);
            schedule = null;
        }
    }

    void look(int inFlight, Runnable emptyCache) {
        peak = Math.max(peak, inFlight);
        looks++;
        if (looks < LOOKS_PER_WINDOW) {
            return;
        }
        if (built.get() > WORTH_KEEPING && peak < built.get() / 2) {
            built.set(inFlight);
            emptyCache.run();
        }
        looks = 0;
        peak = 0;
    }
}
