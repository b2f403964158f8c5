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

    /** Spare ones that rest, for each loop; any beyond these end. */
    private static final int RESTING_PER_LOOP = 2;

    private final String name;
    private final Failures failures;
    private final int most;
    private final AtomicInteger inUse = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();

    /** Places made beforehand: a carrier that comes back must need no memory. Guarded by this. */
    private final @Nullable Carrier[] resting;

    /** How many rest. Guarded by this. */
    private int rest;

    /** Guarded by this. */
    private boolean closed;

    /** Whether the last attempt to start a carrier failed. Any thread; only to tell it once. */
    private volatile boolean outOfThreads;

    Carriers(String name, int loops, Failures failures) {
        this.name = name;
        this.failures = failures;
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
        return spare;
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
