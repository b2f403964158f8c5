// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.stats;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How many durations fell into each bucket of a logarithmic scale: up to 10 µs, 20 µs, 50 µs and so on
 * to 10 s, and beyond. Immutable.
 */
public final class DurationCounts {

    /** Nanoseconds; what is longer than the last falls into one more bucket. */
    private static final long[] BOUNDS = {
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        200_000_000,
        500_000_000,
        1_000_000_000,
        2_000_000_000,
        5_000_000_000L,
        10_000_000_000L
    };

    /** How many buckets there are, the one without a bound among them. */
    public static final int BUCKETS = BOUNDS.length + 1;

    /** No duration at all. */
    public static final DurationCounts NONE = new DurationCounts(new long[BUCKETS], 0);

    private final long[] counts;
    private final long sum;

    /**
     * Takes {@code counts} over.
     *
     * @param counts how many of each of the {@link #BUCKETS}
     * @param sum of all, in nanoseconds
     */
    public DurationCounts(long[] counts, long sum) {
        this.counts = counts;
        this.sum = sum;
    }

    /** The bucket that {@code nanos} belongs to. */
    /** The bucket that a duration of {@code nanos} belongs to. */
    public static int bucket(long nanos) {
        int i = Arrays.binarySearch(BOUNDS, nanos);
        return i >= 0 ? i : -i - 1;
    }

    /** What each bucket reaches up to, and includes; the last bucket has no bound. */
    public static List<Duration> bounds() {
        return Arrays.stream(BOUNDS).mapToObj(Duration::ofNanos).toList();
    }

    /** How many are in one bucket, those of shorter ones not among them. */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** How many are in one bucket and in those of shorter ones. */
    public long upTo(int bucket) {
        return Arrays.stream(counts, 0, bucket + 1).sum();
    }

    /** How many there are. */
    public long total() {
        return Arrays.stream(counts).sum();
    }

    /** How long they were together. */
    public Duration sum() {
        return Duration.ofNanos(sum);
    }

    /**
     * What the {@code fraction} of them did not exceed, rounded up to the bound of its bucket: {@code
     * quantile(0.99)}. Zero for no durations, and the last bound for all that is longer.
     */
    public Duration quantile(double fraction) {
        long wanted = (long) Math.ceil(total() * fraction);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return Duration.ofNanos(BOUNDS[Math.min(i, BOUNDS.length - 1)]);
            }
        }
        return Duration.ZERO;
    }

    /** These and the others. */
    public DurationCounts plus(DurationCounts other) {
        return combined(other, 1);
    }

    /** These without the {@code earlier} ones of the same count. */
    public DurationCounts since(DurationCounts earlier) {
        return combined(earlier, -1);
    }

    /** These, or none when there are fewer than none: they were since a count of another time. */
    public DurationCounts orNothing() {
        return Arrays.stream(counts).anyMatch(count -> count < 0) ? NONE : this;
    }

    private DurationCounts combined(DurationCounts other, int sign) {
        long[] result = counts.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] += sign * other.counts[i];
        }
        return new DurationCounts(result, sum + sign * other.sum);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DurationCounts same
                && sum == same.sum
                && Arrays.equals(counts, same.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts) + Long.hashCode(sum);
    }

    @Override
    public String toString() {
        return Arrays.toString(counts) + " in " + sum();
    }
}
