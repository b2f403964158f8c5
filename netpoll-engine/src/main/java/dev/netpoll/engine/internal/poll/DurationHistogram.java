// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.stats.DurationCounts;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations into the buckets of {@link DurationCounts}, for ever.
 *
 * <p>A loop's carrier counts into cells of its own without an atomic operation; all other threads
 * share another set. So counting costs a loop a search in twenty numbers and two opaque writes.
 * Safe from any thread; a reader sees each count a little late.
 */
public final class DurationHistogram {

    /** Behind the buckets: the sum of all durations, in nanoseconds. */
    private static final int SUM = DurationCounts.BUCKETS;

    /** Written by the loop's carrier alone, opaquely. */
    private final AtomicLongArray byLoop = new AtomicLongArray(SUM + 1);

    /** Atomic. */
    private final AtomicLongArray byOthers = new AtomicLongArray(SUM + 1);

    /** Counts one. On the carrier, between slices, and nowhere else. */
    public void addOnLoop(long nanos) {
        int bucket = DurationCounts.bucket(nanos);
        // The sum first: a reader of the count sees the duration.
        byLoop.setOpaque(SUM, byLoop.getPlain(SUM) + nanos);
        byLoop.setRelease(bucket, byLoop.getPlain(bucket) + 1);
    }

    /** Counts one, from any thread. */
    public void add(long nanos) {
        byOthers.getAndAdd(SUM, nanos);
        byOthers.getAndIncrement(DurationCounts.bucket(nanos));
    }

    /** What has been counted so far. */
    public DurationCounts counts() {
        long[] counts = new long[DurationCounts.BUCKETS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = byLoop.getAcquire(i) + byOthers.getAcquire(i);
        }
        return new DurationCounts(counts, byLoop.getOpaque(SUM) + byOthers.getOpaque(SUM));
    }
}
