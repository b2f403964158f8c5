package dev.netpoll.engine.poll;

import java.util.concurrent.atomic.LongAdder;

/**
 * What the descriptors of one loop have waited for and how long, and what became of their deadlines.
 * Kept while they go on: written by their carriers and by whoever sets a deadline or closes, read by
 * observers.
 */
public final class PollStatistics {

    /**
     * Deadlines, since the loop started.
     *
     * @param set where there was none, or one that had passed
     * @param moved to another time before they passed
     * @param expiredReads passed, on reading; those that were set to have passed are not counted
     * @param expiredWrites the same, on writing
     */
    public record DeadlineCounts(long set, long moved, long expiredReads, long expiredWrites) {

        public static final DeadlineCounts NONE = new DeadlineCounts(0, 0, 0, 0);

        public DeadlineCounts plus(DeadlineCounts other) {
            return new DeadlineCounts(
                    set + other.set,
                    moved + other.moved,
                    expiredReads + other.expiredReads,
                    expiredWrites + other.expiredWrites);
        }
    }

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
        (mode == Mode.READ ? expiredReads : expiredWrites).increment();
    }

    /** How long waits have lasted that are over. */
    public DurationCounts waits(WaitKind kind) {
        return histogram(kind).counts();
    }

    public DeadlineCounts deadlines() {
        return new DeadlineCounts(set.sum(), moved.sum(), expiredReads.sum(), expiredWrites.sum());
    }
}
