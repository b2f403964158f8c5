// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The carriers of one group: those that run loops or are stuck in a slice, and the spare ones, which rest until a
 * loop needs one. Go parks its Ms in the same way. Safe from any thread; no virtual thread comes here but in {@link
 * #close}.
 */
final class Carriers {

    /** More carriers than this would be no scheduler any more, only threads. */
    private static final int MAX_SPARE = 256;

    /** So many may be stuck where a slice costs its carrier the loop early; then only where it lasts. */
    static final int MAX_CROWDED = 32;

    /** Spare ones that rest, for each loop; any beyond these end. Waves of long slices are not to make threads. */
    static final int RESTING_PER_LOOP = 16;

    /** So many of them rest for good, for each loop. */
    static final int KEPT_PER_LOOP = 2;

    /** Of those beyond, what nothing has needed for so long ends. */
    static final long TRIM_NANOS = 1_000_000_000;

    private final String name;
    private final Failures failures;
    private final int most;
    private final int loops;
    private final AtomicInteger inUse = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();

    /** Places made beforehand: a carrier that comes back must need no memory. Guarded by this. */
    private final @Nullable Carrier[] resting;

    /** How many rest. Guarded by this. */
    private int rest;

    /** The fewest that have rested since the last trim. Guarded by this. */
    private int fewest;

    /** When that was. Monitor only. */
    private long trimmed;

    /** Guarded by this. */
    private boolean closed;

    /** Whether the last attempt to start a carrier failed. Any thread; only to tell it once. */
    private volatile boolean outOfThreads;

    Carriers(String name, int loops, Failures failures) {
        this.name = name;
        this.failures = failures;
        this.loops = loops;
        this.most = loops + MAX_SPARE;
        this.resting = new Carrier[loops * RESTING_PER_LOOP];
    }

    /** How many run loops, or are stuck in a slice that cost them theirs. */
    int inUse() {
        return inUse.get();
    }

    synchronized int resting() {
        return rest;
    }

    /**
     * A carrier for {@code loop}, started and waiting for its verdict; null when there are too many
     * already, or the system gives no thread.
     */
    @Nullable Carrier take(EventLoop loop) {
        if (inUse.incrementAndGet() > most) {
            inUse.decrementAndGet();
            return null;
        }
        Carrier spare = takeSpare();
        if (spare != null) {
            spare.lendTo(loop);
            return spare;
        }
        return start(loop);
    }

    private @Nullable Carrier start(EventLoop loop) {
        Carrier carrier = null;
        try {
            carrier =
                    new Carrier(loop, name + "-carrier-" + numbers.getAndIncrement(), this::rests);
            carrier.start();
            outOfThreads = false;
            return carrier;
        } catch (OutOfMemoryError e) { // what the JDK throws when it can have no thread
            inUse.decrementAndGet();
            if (carrier != null) {
                carrier.free();
            }
            if (!outOfThreads) {
                outOfThreads = true; // once: the monitor tries again every few milliseconds
                failures.note(Failures.Kind.NO_THREAD, loop, e);
            }
            return null;
        }
    }

    private synchronized @Nullable Carrier takeSpare() {
        if (rest == 0) {
            return null;
        }
        Carrier spare = resting[--rest];
        resting[rest] = null;
        fewest = Math.min(fewest, rest);
        return spare;
    }

    /** Whether few are stuck so far. */
    boolean hasToSpare() {
        return inUse.get() < loops + MAX_CROWDED;
    }

    /** Ends those that nothing has needed since the last time, but for the few that are kept. Stall monitor only. */
    void trim(long now) {
        if (now - trimmed >= TRIM_NANOS) {
            trimmed = now;
            trim();
        }
    }

    private synchronized void trim() {
        int ends = Math.min(fewest, rest - loops * KEPT_PER_LOOP);
        for (int i = 0; i < ends; i++) {
            Carrier spare = resting[--rest];
            resting[rest] = null;
            if (spare != null) {
                spare.decide(Carrier.Verdict.END);
            }
        }
        fewest = rest;
    }

    /** Said by a carrier that has left its loop: true when it is kept, and may be lent from now on. */
    boolean rests(Carrier carrier) {
        inUse.decrementAndGet();
        return keep(carrier);
    }

    private synchronized boolean keep(Carrier carrier) {
        if (closed || rest == resting.length) {
            return false;
        }
        resting[rest++] = carrier;
        return true;
    }

    /** Ends those that rest, and each that would. */
    synchronized void close() {
        closed = true;
        while (rest > 0) {
            Carrier spare = resting[--rest];
            resting[rest] = null;
            if (spare != null) {
                spare.decide(Carrier.Verdict.END);
            }
        }
    }
}
