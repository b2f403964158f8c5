// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.io.Ticker;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The actions that wait for the end of a loop's batch, the slices between two polls: sends above
 * all.
 *
 * <p>A peer on the same machine, a proxy or a load generator, sleeps when it has nothing to read, and
 * the kernel's work to wake it is more than the rest of a small send. Sent one after another at the
 * end of the batch, its responses find it awake; docs/decisions/0007 has the figures.
 *
 * <p>Nothing waits for long: {@link #PATIENCE_NANOS} and the slice that is running then, or the
 * monitor's next carrier. Where slices are long, {@link #isWorthwhile} says so and nothing waits.
 *
 * <p>Added to from any thread; run by the carrier that owns the loop, or by the thread that finds
 * it closed.
 */
final class BatchEnd {

    /** How long the first of them waits for others. */
    static final long PATIENCE_NANOS = 200_000;

    /** With longer slices than this the wait would cost more than the waking. */
    static final long BRISK_NANOS = 100_000;

    /** One slice during which the carrier had no processor must not count for hundreds. */
    private static final long LONGEST_COUNTED = 4 * BRISK_NANOS;

    /** A slice of which a processor's owner notices something. */
    static final long LONG_NANOS = 500_000;

    /** So long a batch is only with such a slice: it ends after {@link Slices#ROUND_NANOS} and the slice under way. */
    private static final long LONG_BATCH_NANOS = Slices.ROUND_NANOS + LONG_NANOS;

    /** The mean follows by a 2^-3 of each difference. */
    private static final int WEIGHT = 3;

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Ticker ticker;

    /** When the oldest task came, or earlier. Any thread; two that race differ by nothing. */
    private volatile long since;

    /** Of one slice, in nanoseconds. Carrier writes, its virtual threads read. */
    private volatile long mean;

    /** How many batches had long slices. Carrier writes, the monitor reads. */
    private volatile int longBatches;

    BatchEnd(Ticker ticker) {
        this.ticker = ticker;
    }

    boolean isWorthwhile() {
        return mean <= BRISK_NANOS;
    }

    void add(Runnable task) {
        if (tasks.isEmpty()) {
            since = ticker.nanoTime();
        }
        tasks.add(task);
    }

    boolean isEmpty() {
        return tasks.isEmpty();
    }

    /** Whether something has waited long enough at {@code now}. */
    boolean isOverdue(long now) {
        return !tasks.isEmpty() && now - since >= PATIENCE_NANOS;
    }

    int longBatches() {
        return longBatches;
    }

    /** The batch is over: {@code slices} of them took {@code nanos}. Carrier only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void ran(int slices, long nanos) {
        if (slices > 0) {
            if (nanos >= LONG_BATCH_NANOS || nanos / slices >= LONG_NANOS) {
                longBatches++;
            }
            long one = Math.min(nanos / slices, LONGEST_COUNTED);
            long before = mean;
            long after = before + ((one - before) >> WEIGHT);
            if (after != before) {
                mean = after;
            }
        }
    }

    /** The next in the order in which they came. */
    @Nullable Runnable poll() {
        return tasks.poll();
    }
}
