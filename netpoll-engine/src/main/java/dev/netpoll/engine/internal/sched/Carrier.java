// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.sys.Scratch;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

/**
 * A platform thread that runs an event loop, and the virtual threads the loop carries. Go's M.
 *
 * <p>Owns the {@link Scratch} of every system call made on it, by itself or by a virtual thread it
 * carries.
 */
final class Carrier extends Thread {

    final Scratch scratch = new Scratch();

    /** This carrier and what it carries only. */
    final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();

    /** What becomes of a carrier that has been started. */
    enum Verdict {
        OPEN,
        RUN,
        LEAVE
    }

    private final EventLoop loop;
    private final Runnable left;

    /** Since when the slice runs that cost it the loop; 0 while none did. Written by the monitor. */
    private volatile long stuckSince;

    /** Whether it is in {@link EventLoop#run}. Written by this thread. */
    private volatile boolean running;

    /** OPEN until {@link #decide}. Written by its maker, read by this thread. */
    private volatile Verdict verdict = Verdict.OPEN;

    /**
     * Starting it may fail for want of memory or threads, so it is started before anything depends on
     * it, and told afterwards what to do.
     *
     * @param left told when the carrier leaves for good
     */
    Carrier(EventLoop loop, String name, Runnable left) {
        super(null, null, name, 0, false);
        this.loop = loop;
        this.left = left;
        setDaemon(true);
    }

    void decide(Verdict decision) {
        verdict = decision;
        LockSupport.unpark(this);
    }

    /** Said before the loop is taken from it, and with 0 when that failed. Stall monitor only. */
    void stuckSince(long nanoTime) {
        stuckSince = nanoTime;
    }

    /** How long the slice has run so far that cost it the loop; 0 when none did. */
    long stuckFor(long now) {
        long since = stuckSince;
        return since == 0 ? 0 : now - since;
    }

    /** Whether it waits for another thread, and not just for a processor. */
    boolean isBlocked() {
        return running && getState() != State.RUNNABLE;
    }

    /** The loop it was made for. It may own it no longer. */
    EventLoop loop() {
        return loop;
    }

    @Override
    public void run() {
        try {
            while (verdict == Verdict.OPEN) {
                LockSupport.park(this);
            }
            if (verdict == Verdict.RUN) {
                running = true;
                loop.run(this);
            }
        } finally {
            left.run();
        }
    }
}
