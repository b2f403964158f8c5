// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.WaitKind;

import java.util.concurrent.atomic.LongAdder;

/**
 * The waits of one loop's descriptors by kind and duration, and what became of their deadlines.
 * Updated while the waits go on: written by the carriers and by threads that set a deadline or
 * close, read by observers.
 */
public final class PollStatistics {

    private final DurationHistogram reads = new DurationHistogram();
    private final DurationHistogram writes = new DurationHistogram();
    private final DurationHistogram idle = new DurationHistogram();

    private final LongAdder set = new LongAdder();
    private final LongAdder moved = new LongAdder();
    private final LongAdder expiredReads = new LongAdder();
    private final LongAdder expiredWrites = new LongAdder();

    /** A wait is over. {@code onLoop}: the caller is the carrier, between slices. */
    void waited(WaitKind kind, long nanos, boolean onLoop) {
        DurationHistogram histogram = histogram(kind);
        if (onLoop) {
            histogram.addOnLoop(nanos);
        } else {
            histogram.add(nanos);
        }
    }

    private DurationHistogram histogram(WaitKind kind) {
        return switch (kind) {
            case READ -> reads;
            case WRITE -> writes;
            case IDLE -> idle;
        };
    }

    void deadlineSet() {
        set.increment();
    }

    void deadlineMoved() {
        moved.increment();
    }

    void deadlineExpired(Mode mode) {
        expired(mode).increment();
    }

    private LongAdder expired(Mode mode) {
        return mode == Mode.READ ? expiredReads : expiredWrites;
    }

    /** How long waits have lasted that are over. */
    public DurationCounts waits(WaitKind kind) {
        return histogram(kind).counts();
    }

    /** How often a deadline was set where there was none, or one that had passed. */
    public long deadlinesSet() {
        return set.sum();
    }

    /** How often a deadline was moved before it passed. */
    public long deadlinesMoved() {
        return moved.sum();
    }

    /** How many have passed in that direction; those that were set to have passed are not counted. */
    public long deadlinesExpired(Mode mode) {
        return expired(mode).sum();
    }
}
