// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;

/**
 * A point in time by which work has to be done. Measured by the monotonic clock of a {@link
 * ContextRuntime}, so a step of the wall clock does not move it. Immutable.
 */
public final class Deadline implements Comparable<Deadline> {

    private final ContextRuntime clock;
    private final long atNanos;

    Deadline(ContextRuntime clock, long atNanos) {
        this.clock = clock;
        this.atNanos = atNanos;
    }

    /** The deadline that is {@code timeout} from now; already expired when it is zero or negative. */
    public static Deadline after(Duration timeout) {
        return after(timeout, ContextRuntime.system());
    }

    /** The deadline that is {@code timeout} from now by that runtime's clock. */
    public static Deadline after(Duration timeout, ContextRuntime clock) {
        return new Deadline(clock, clock.nanoTime() + nanos(timeout));
    }

    /** What is left: zero when the deadline has passed, never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /** What is left in nanoseconds; negative by how long ago the deadline passed. */
    public long remainingNanos() {
        return atNanos - clock.nanoTime();
    }

    /** Whether the deadline has passed. */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    /** The earlier of the two; this one when {@code other} is null or they are the same. */
    public Deadline earlier(@Nullable Deadline other) {
        return other == null || compareTo(other) <= 0 ? this : other;
    }

    /** This point in time as {@code runtime}'s clock shows it. */
    long nanosOn(ContextRuntime runtime) {
        return runtime == clock ? atNanos : runtime.nanoTime() + remainingNanos();
    }

    /**
     * Saturates at about 146 years either way, half of what fits, so that adding it to a clock never
     * turns the far future into the past.
     */
    static long nanos(Duration duration) {
        long seconds = duration.toSeconds();
        long limit = Long.MAX_VALUE / 2 / 1_000_000_000L;
        if (seconds >= limit) {
            return Long.MAX_VALUE / 2;
        }
        return seconds <= -limit ? Long.MIN_VALUE / 2 : duration.toNanos();
    }

    @Override
    public int compareTo(Deadline other) {
        return Long.compare(atNanos - other.nanosOn(clock), 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Deadline that && clock == that.clock && atNanos == that.atNanos;
    }

    @Override
    public int hashCode() {
        return Objects.hash(System.identityHashCode(clock), atNanos);
    }

    @Override
    public String toString() {
        long left = remainingNanos();
        return left > 0
                ? "Deadline in " + Duration.ofNanos(left)
                : "Deadline passed " + Duration.ofNanos(-left) + " ago";
    }
}
