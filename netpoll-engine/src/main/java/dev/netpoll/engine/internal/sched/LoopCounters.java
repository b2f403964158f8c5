// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.stats.LoopSnapshot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of one loop. Plain counters are written by its carrier alone, opaquely, so that
 * counting costs an add; any thread may read them and sees each a little late.
 */
final class LoopCounters {

    private static final VarHandle POLLS = field("polls");
    private static final VarHandle EVENTS = field("events");
    private static final VarHandle SLICES = field("slices");
    private static final VarHandle STOLEN = field("stolen");

    /** Carrier only. */
    private long polls;

    /** Carrier only. */
    private long events;

    /** Carrier only. */
    private long slices;

    /** Carrier only. */
    private long stolen;

    /** Any thread. */
    final LongAdder wakeUps = new LongAdder();

    /** Written by the stall monitor only. */
    private volatile long stalls;

    /** Nanoseconds. Any thread: the monitor, and each carrier when its long slice is over. */
    private final LongAccumulator longestStall = new LongAccumulator(Math::max, 0);

    void polled(int count) {
        POLLS.setOpaque(this, polls + 1);
        EVENTS.setOpaque(this, events + count);
    }

    void slices(int count) {
        SLICES.setOpaque(this, slices + count);
    }

    void stole() {
        STOLEN.setOpaque(this, stolen + 1);
    }

    /** A slice has run for {@code nanos} and lost its loop. Stall monitor only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void stalled(long nanos) {
        longestStall.accumulate(nanos);
        stalls++; // last: a reader of the stall sees its duration
    }

    /** The slice of a stall has ended after {@code nanos}. */
    void stallEnded(long nanos) {
        longestStall.accumulate(nanos);
    }

    long stalls() {
        return stalls;
    }

    long longestStall() {
        return longestStall.get();
    }

    long polls() {
        return (long) POLLS.getOpaque(this);
    }

    long events() {
        return (long) EVENTS.getOpaque(this);
    }

    long slices() {
        return (long) SLICES.getOpaque(this);
    }

    long stolen() {
        return (long) STOLEN.getOpaque(this);
    }

    /**
     * A row of all that is known of {@code loop}.
     *
     * @param stuckFor nanoseconds of the longest slice that still runs and has cost it a carrier
     */
    LoopSnapshot snapshot(EventLoop loop, long stuckFor, LoopSnapshot.Times times) {
        return new LoopSnapshot(
                loop.id(),
                loop.connections().get(),
                polls(),
                events(),
                wakeUps.sum(),
                loop.queued(),
                slices(),
                stolen(),
                loop.timers().size(),
                stalls(),
                Duration.ofNanos(Math.max(longestStall(), stuckFor)),
                times);
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(LoopCounters.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
