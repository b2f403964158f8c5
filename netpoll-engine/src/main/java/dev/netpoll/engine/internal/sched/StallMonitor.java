// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.io.Ticker;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes loops from carriers that are stuck in one slice: a long computation, a pinned or native
 * call. Go's sysmon.
 *
 * <p>A slice seen twice, {@link #STALL_NANOS} apart, costs its carrier the loop: a spare one takes
 * over, and the stuck one finishes its slice and leaves. Where continuations, sockets or timers wait behind it,
 * {@link #CROWDED_NANOS} are enough, once it has been seen three times: the operating system then shares the
 * processors between what computes and the loop; and {@link #FREE_NANOS} where a neighbour sleeps, so that a processor
 * is free. Before that, a stalled loop's queue is worth waking a sleeping neighbour for, which steals from it.
 *
 * <p>It looks every {@link #FREE_NANOS} while long slices are frequent, and seldom where nearly all are short: then
 * it costs nothing, and a pause of the JVM's is no long slice.
 *
 * <p>A carrier can also be blocked between slices: in a monitor of the JDK's, of which one of its own
 * virtual threads is the heir (see {@code SpinLock}). What it has queued then runs elsewhere, and
 * with it the threads it waits for. One that merely waits for a processor is left alone.
 *
 * <p>It also finds a new carrier for a loop whose own has died, wakes a loop whose signal has failed, and logs what
 * went wrong on carriers ({@link Failures}).
 *
 * <p>One platform daemon thread a {@link LoopGroup}. It rests while every loop sleeps.
 */
final class StallMonitor extends Thread {

    /** How long one slice may keep its loop. Go's sysmon retakes a P after as long. */
    static final long STALL_NANOS = 10_000_000;

    /**
     * How long it may while something waits behind it and every processor is busy. Much less would have the operating
     * system share them between all that computes, and what is short would wait for all of it instead of one slice.
     */
    static final long CROWDED_NANOS = 8_000_000;

    /** How long while something waits and a neighbour sleeps: a processor is free. */
    static final long FREE_NANOS = 1_000_000;

    private static final long LOOK_NANOS = STALL_NANOS / 2;

    /** What each long slice adds to {@link #level}: fifty a second keep it where it is. */
    private static final long LONG_SLICE_NANOS = 20_000_000;

    private static final long LIVELY_NANOS = 2 * LONG_SLICE_NANOS;
    private static final long FULL_NANOS = 10 * LONG_SLICE_NANOS;
    private static final long REST_NANOS = 1_000_000_000;

    private final List<EventLoop> loops;
    private final LoopGroup group;
    private final Search search;
    private final Ticker ticker;

    /** The turn each loop was in at the last look. This thread only. */
    private final long[] seen;

    /** Since when it has been in it. This thread only. */
    private final long[] since;

    /** How many looks have seen it since the first. This thread only. */
    private final int[] looks;

    /** How many long slices each loop had at the last look. This thread only. */
    private final int[] counted;

    /** Goes up with each long slice and down with time. This thread only. */
    private long level;

    /** When the last look was. This thread only. */
    private long lookedAt;

    /** Set before resting, cleared by the loop that wakes first. Any thread. */
    private volatile boolean resting;

    private volatile boolean open = true;

    StallMonitor(LoopGroup group, List<EventLoop> loops, Search search, String name) {
        super(null, null, name, 0, false);
        this.group = group;
        this.loops = loops;
        this.search = search;
        this.ticker = group.ticker();
        this.seen = new long[loops.size()];
        this.since = new long[loops.size()];
        this.looks = new int[loops.size()];
        this.counted = new int[loops.size()];
        this.lookedAt = ticker.nanoTime();
        Arrays.fill(seen, -1);
        setDaemon(true);
    }

    @Override
    public void run() {
        // Without the monitor one stuck slice would stop its loop for all its threads.
        while (open) {
            try {
                lookUntilOneFails();
            } catch (Throwable t) {
                Thread.onSpinWait(); // not even that could be noted
            }
        }
    }

    private void lookUntilOneFails() {
        try {
            while (open) {
                lookAndRest();
            }
        } catch (Throwable t) {
            // It may be memory that lacks: what is done here needs none.
            group.failed(Failures.Kind.MONITOR, this, t);
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private void lookAndRest() {
        boolean busy = look();
        group.logFailures();
        group.trimCarriers();
        if (busy) {
            LockSupport.parkNanos(this, pause());
            return;
        }
        resting = true;
        if (!look() && open) {
            LockSupport.parkNanos(this, REST_NANOS);
        }
        resting = false;
    }

    /** Until the next look. */
    long pause() {
        return level >= LIVELY_NANOS ? FREE_NANOS : LOOK_NANOS;
    }

    private void countLongSlices(int i, EventLoop loop) {
        int now = loop.longBatches();
        level = Math.min(level + (now - counted[i]) * LONG_SLICE_NANOS, FULL_NANOS);
        counted[i] = now;
    }

    /** A loop has work again. Costs a volatile read unless the monitor rests. */
    void loopAwake() {
        if (resting) {
            resting = false;
            LockSupport.unpark(this);
        }
    }

    /** One look at every loop; answers whether any is in a slice. */
    boolean look() {
        long now = ticker.nanoTime();
        boolean busy = false;
        level = Math.max(0, level - (now - lookedAt));
        lookedAt = now;
        for (int i = 0; i < loops.size(); i++) {
            try {
                busy |= look(i, loops.get(i), now);
            } catch (
                    Throwable
                            t) { // by want of memory, perhaps, which the next loop may need no more
                // of
                group.failed(Failures.Kind.MONITOR, this, t);
                busy = true;
            }
        }
        return busy;
    }

    private boolean look(int i, EventLoop loop, long now) {
        countLongSlices(i, loop);
        long turn = loop.turn();
        boolean inSlice = (turn & 1) == 1;
        if (loop.health().isOrphaned()) {
            loop.ownership().replace();
        } else if (turn != seen[i]) {
            seen[i] = turn;
            since[i] = now;
            looks[i] = 0;
        } else if (inSlice) {
            stalled(i, loop, turn, now);
        } else if (now - since[i] >= STALL_NANOS
                && !loop.isSleeping()
                && loop.hasQueued()
                && loop.carrierIsBlocked()) {
            loop.helpQueue();
        }
        boolean busy = inSlice || !loop.isSleeping() || awakened(loop, now);
        return busy | loop.ownership().tellStalls(now);
    }

    /** A signal that failed is given again. */
    private static boolean awakened(EventLoop loop, long now) {
        boolean due = loop.hasWork() || now - loop.timers().earliest() > LOOK_NANOS;
        return loop.isSleeping() && due && loop.wakeIfSleeping();
    }

    private void stalled(int i, EventLoop loop, long turn, long now) {
        looks[i]++;
        long ran = now - since[i];
        boolean queued = loop.hasQueued();
        boolean helped = queued && ran >= Slices.SHARE_NANOS && search.beginAgain();
        if (ran >= STALL_NANOS || (!helped && isCrowded(i, loop, queued, now))) {
            loop.handOver(turn, since[i]);
        }
    }

    /** Whether something waits behind the slice, and few carriers are stuck. */
    private boolean isCrowded(int i, EventLoop loop, boolean queued, long now) {
        return looks[i] > 1
                && now - since[i] >= (search.canBegin() ? FREE_NANOS : CROWDED_NANOS)
                && group.hasCarriersToSpare()
                && (queued || loop.hasEvents(now));
    }

    void close() {
        open = false;
        LockSupport.unpark(this);
    }
}
