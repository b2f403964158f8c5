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
 * over, and the stuck one finishes its slice and leaves. Before that, a stalled loop's queue is worth
 * waking a sleeping neighbour for, which steals from it.
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

    private static final long LOOK_NANOS = STALL_NANOS / 2;
    private static final long REST_NANOS = 1_000_000_000;

    private final List<EventLoop> loops;
    private final LoopGroup group;
    private final Ticker ticker;

    /** The turn each loop was in at the last look. This thread only. */
    private final long[] seen;

    /** Since when it has been in it. This thread only. */
    private final long[] since;

    /** Set before resting, cleared by the loop that wakes first. Any thread. */
    private volatile boolean resting;

    private volatile boolean open = true;

    StallMonitor(LoopGroup group, List<EventLoop> loops, String name) {
        super(null, null, name, 0, false);
        this.group = group;
        this.loops = loops;
        this.ticker = group.ticker();
        this.seen = new long[loops.size()];
        this.since = new long[loops.size()];
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
        if (busy) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            return;
        }
        resting = true;
        if (!look() && open) {
            LockSupport.parkNanos(this, REST_NANOS);
        }
        resting = false;
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
        for (int i = 0; i < loops.size(); i++) {
            EventLoop loop = loops.get(i);
            long turn = loop.turn();
            boolean inSlice = (turn & 1) == 1;
            if (loop.health().isOrphaned()) {
                loop.ownership().replace();
            } else if (turn != seen[i]) {
                seen[i] = turn;
                since[i] = now;
            } else if (inSlice) {
                stalled(i, loop, turn, now);
            } else if (now - since[i] >= STALL_NANOS
                    && !loop.isSleeping()
                    && loop.hasQueued()
                    && loop.carrierIsBlocked()) {
                loop.handOverQueue();
            }
            busy |= inSlice || !loop.isSleeping() || awakened(loop, now);
        }
        return busy;
    }

    /** A signal that failed is given again. */
    private static boolean awakened(EventLoop loop, long now) {
        boolean due = loop.hasWork() || now - loop.timers().earliest() > LOOK_NANOS;
        return loop.isSleeping() && due && loop.wakeIfSleeping();
    }

    private void stalled(int i, EventLoop loop, long turn, long now) {
        if (loop.hasQueued()) {
            group.wakeSleeperBeside(loop);
        }
        if (now - since[i] >= STALL_NANOS) {
            Thread stuck = loop.handOver(turn, since[i]);
            if (stuck != null) {
                loop.counters().stalled(now - since[i]);
                group.stalled(loop, stuck, now - since[i]);
            }
        }
    }

    void close() {
        open = false;
        LockSupport.unpark(this);
    }
}
