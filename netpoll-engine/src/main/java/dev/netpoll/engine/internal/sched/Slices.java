// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.io.Ticker;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;

/**
 * Runs a loop's queued continuations, and a neighbour's when it has none, between two looks at its sockets.
 * Called by the carrier that owns the loop.
 */
final class Slices {

    /** After so many slices the sockets are looked at, whatever is still queued. */
    static final int PER_POLL = 64;

    /**
     * After so many slices that have asked a peer, a database for instance, the sockets are looked at: the first may
     * have answered, and what then goes on finds its memory in the processor's caches.
     */
    static final int ASKED_PER_POLL = 4;

    /** What is queued once slices have run for so long is shared with a neighbour that sleeps. */
    static final long SHARE_NANOS = 100_000;

    /** After so long, too, the sockets are looked at, whatever is still queued. */
    static final long ROUND_NANOS = 1_000_000;

    private final EventLoop loop;
    private final LoopGroup group;
    private final WorkQueue queue;
    private final BatchEnd batchEnd;
    private final Ticker ticker;

    Slices(EventLoop loop, LoopGroup group, WorkQueue queue, BatchEnd batchEnd) {
        this.loop = loop;
        this.group = group;
        this.queue = queue;
        this.batchEnd = batchEnd;
        this.ticker = group.ticker();
    }

    /** Answers the turn reached, or -1 when the loop was lost. */
    long runSlices(Carrier carrier, long from) {
        long mine = from;
        int ran = 0;
        int asked = 0;
        long began = ticker.nanoTime();
        long now = began;
        boolean brisk = batchEnd.isWorthwhile();
        while (ran < PER_POLL) {
            Runnable continuation = next(now, brisk, brisk || ran == 0);
            if (continuation == null) {
                break;
            }
            if (ran == 0) {
                group.search().found(loop);
            }
            if (queue.tookOther()) {
                loop.runBatchEnd(); // or the sends would wait for a slice that may be long
            }
            carrier.beginSlice(continuation, mine, now);
            loop.beginSlice(mine);
            if (!brisk) {
                shareWhatWaits();
            }
            loop.runSlice(continuation);
            carrier.endSlice();
            if (!loop.endSlice(mine)) {
                return -1;
            }
            mine += 2;
            ran++;
            now = ticker.nanoTime();
            if (batchEnd.isOverdue(now)) {
                loop.runBatchEnd();
                now = ticker.nanoTime(); // or the sends would count as the next slice's
            }
            if (!queue.isEmpty() && shareIfLong(now - began)) {
                break;
            }
            if (carrier.hasAsked() && ++asked >= ASKED_PER_POLL) {
                break;
            }
        }
        loop.counters().slices(ran);
        batchEnd.ran(ran, now - began);
        return mine;
    }

    private @Nullable Runnable next(long now, boolean brisk, boolean alsoOthers) {
        Runnable own = queue.poll(now, brisk, alsoOthers);
        return own == null && alsoOthers ? group.steal(loop) : own;
    }

    /** Whether it is time to look at the sockets again, with more still queued. */
    private boolean shareIfLong(long ran) {
        if (ran >= SHARE_NANOS) {
            group.search().begin();
        }
        return ran >= ROUND_NANOS;
    }

    /** Slices are long here: what is queued behind the one that has begun is for a neighbour that sleeps. */
    private void shareWhatWaits() {
        // A thread that queues more sees the slice, or this sees what it queues.
        VarHandle.fullFence();
        if (!queue.isEmpty()) {
            group.search().begin();
        }
    }
}
