// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

/**
 * Which carrier owns a loop, and which it was taken from. Who may move it is in the table of {@link LoopState}:
 * start, then the stall monitor only; the carriers themselves only leave. Read by any thread.
 */
final class LoopOwner {

    private final EventLoop loop;
    private final LoopGroup group;

    /** The carrier that runs the loop, or is about to. Written by start and the stall monitor. */
    private volatile @Nullable Carrier owner;

    /** The carriers it was taken from and that are still in their slice. Any thread. */
    private final StuckCarriers stuck = new StuckCarriers();

    LoopOwner(EventLoop loop, LoopGroup group) {
        this.loop = loop;
        this.group = group;
    }

    @Nullable Carrier current() {
        return owner;
    }

    void start() {
        Carrier first = group.newCarrier(loop);
        if (first == null) {
            throw new IllegalStateException("No carrier is left for a new loop");
        }
        adopt(first);
    }

    private void adopt(Carrier carrier) {
        owner = carrier;
        carrier.decide(Carrier.Verdict.RUN);
    }

    /**
     * Gives the loop to a new carrier if the slice of {@code stuckTurn} is still running. Stall
     * monitor only.
     *
     * @param since when the slice was first seen, on the ticker's clock
     * @return false when it ended in time, or no carrier can be had
     */
    boolean handOver(long stuckTurn, long since) {
        Carrier next = loop.isOpen() ? group.newCarrier(loop) : null;
        return next != null && handOverTo(next, stuckTurn, since);
    }

    /**
     * Tells once of each slice that has run for {@link StallMonitor#STALL_NANOS} and goes on. Stall monitor only.
     *
     * @return whether others may still become as long
     */
    boolean tellStalls(long now) {
        boolean more = false;
        for (Carrier carrier = stuck.first(); carrier != null; carrier = stuck.after(carrier)) {
            long ran = carrier.stuckFor(now);
            if (ran >= StallMonitor.STALL_NANOS && carrier.tell()) {
                loop.counters().stalled(ran);
                group.stalled(loop, inItsSlice(carrier), ran);
            }
            more |= !carrier.isTold();
        }
        return more;
    }

    /** The virtual thread, or at least its carrier: there may be no memory to find it out, for the observer. */
    private static Thread inItsSlice(Carrier carrier) {
        Runnable continuation = carrier.slice();
        try {
            Thread thread = continuation == null ? null : LoopThreads.threadOf(continuation);
            return thread != null ? thread : carrier;
        } catch (VirtualMachineError e) {
            return carrier;
        }
    }

    /** The loop may close at any moment: then {@code next} owns it to leave it at once. */
    boolean handOverTo(Carrier next, long stuckTurn, long since) {
        Carrier before = owner;
        if (before == null) {
            next.decide(Carrier.Verdict.LEAVE);
            return false;
        }
        boolean taken = false;
        try {
            before.stuckSince(since);
            stuck.add(before);
            taken = loop.takeOver(stuckTurn);
        } finally {
            if (taken) {
                adopt(next);
            } else {
                before.stuckSince(0);
                next.decide(Carrier.Verdict.LEAVE);
            }
        }
        if (!taken) {
            stuck.remove(before);
        }
        return taken;
    }

    /** Gives a loop whose carrier has died to another. Stall monitor only. */
    void replace() {
        Carrier next = loop.isOpen() ? group.newCarrier(loop) : null;
        if (next != null) {
            loop.takeFromSlice();
            loop.health().adopted();
            adopt(next);
        }
    }

    /** Said by a carrier that has lost the loop. Throws nothing: the loop is another's, and none of its death. */
    void lost(Carrier carrier) {
        try {
            if (carrier.isTold()) {
                loop.counters().stallEnded(carrier.stuckFor(loop.now()));
            }
        } catch (Throwable t) {
            loop.failed(t);
        } finally {
            stuck.remove(carrier);
        }
    }

    boolean isBlocked() {
        Carrier carrier = owner;
        return carrier != null && carrier.isBlocked();
    }

    /** How long the longest stall has lasted so far; 0 when there is none. */
    long stuckFor(long now) {
        return stuck.longest(now);
    }
}
