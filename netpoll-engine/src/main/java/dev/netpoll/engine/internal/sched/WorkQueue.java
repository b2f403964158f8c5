// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The continuations of one loop that wait for a carrier. What has been begun is ended before more is begun:
 *
 * <ol>
 *   <li>the thread that is handed something, a lock or a connection of a pool; those that are handed something
 *       before it has gone come next;
 *   <li>threads whose socket or timer has become ready, the latest first: what they work with, and what a peer that
 *       has just answered works with, is still in the processors' caches;
 *   <li>what begins: new requests and what threads elsewhere have woken, in the order in which it came;
 *   <li>threads that have yielded, those that a slice has made ready by the dozen, and those of sockets that kept a
 *       carrier for long the last time, in the order in which they came.
 * </ol>
 *
 * <p>None starves: one of {@link #TURNS} turns belongs to those that have waited longest, to each kind in its turn. Where
 * slices are long, the last kind has such a turn only when the others have had {@link #OTHERS_NANOS} meanwhile, and
 * comes only right after a look at the sockets: what a long slice has kept waiting, or one short slice has brought about,
 * goes before the next long one.
 *
 * <p>Adding, {@link #takeAny} and the questions: any thread. {@link #poll}: the carrier that owns the loop.
 */
final class WorkQueue {

    /** Why a continuation is queued. */
    enum Origin {
        /** By a slice, and the first that it queues; or by the JDK, which hands it a monitor. */
        HANDED,
        /** By a socket or a timer that it waited for. */
        RESUMED,
        /** By a socket or a timer: a thread that begins. */
        STARTED,
        /** By a thread that is none of the loops'. */
        ELSEWHERE,
        /** By a slice that has queued another before. */
        FANNED_OUT,
        /** By a socket whose thread ran for long when it was ready the last time. */
        AFTER_LONG,
        /** By its own slice. */
        YIELDED
    }

    /** Of so many, one is the turn of what waits longest. */
    static final int TURNS = 16;

    /** Where slices are long: how long those that go first have the carrier, when there is no end of them. */
    static final long OTHERS_NANOS = 2_000_000;

    private final AtomicReference<@Nullable Runnable> handed = new AtomicReference<>();
    private final LatestFirst resumed = new LatestFirst();
    private final ConcurrentLinkedQueue<Runnable> beginning = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> others = new ConcurrentLinkedQueue<>();

    /** Owner only. */
    private int turn;

    /** Whether what was taken last is one of the others. Owner only. */
    private boolean tookOther;

    /** Whether one of the others has been seen to wait since the last was taken, and since when. Owner only. */
    private boolean othersWait;

    private long othersSince;

    void add(Runnable continuation, Origin origin) {
        switch (origin) {
            case HANDED -> {
                // Never in another's place: the JDK offers again what memory lacked for, and that
                // other would be lost.
                if (!handed.compareAndSet(null, continuation)) {
                    resumed.add(continuation);
                }
            }
            case RESUMED -> resumed.add(continuation);
            case STARTED, ELSEWHERE -> beginning.add(continuation);
            case FANNED_OUT, AFTER_LONG, YIELDED -> others.add(continuation);
        }
    }

    /**
     * The next for the carrier that owns the loop; null where the others have to wait, too.
     *
     * @param now when the slice before ended, in nanoseconds of the loop's ticker
     * @param brisk whether slices are short here
     * @param alsoOthers whether the others may come, turns apart: where slices are long, right after a look at the sockets
     */
    @Nullable Runnable poll(long now, boolean brisk, boolean alsoOthers) {
        tookOther = false;
        if (++turn % TURNS == 0) {
            Runnable longest = longestOf(turn / TURNS, brisk || othersHaveWaited(now));
            if (longest != null) {
                return longest;
            }
        }
        Runnable next = pollFirst();
        return next == null && alsoOthers ? pollOther() : next;
    }

    /** Whether what {@link #poll} took last may be long. Owner only. */
    boolean tookOther() {
        return tookOther;
    }

    /** For who is not the owner, and has nothing of its own. */
    @Nullable Runnable takeAny() {
        Runnable next = pollFirst();
        return next == null ? others.poll() : next;
    }

    private @Nullable Runnable pollFirst() {
        Runnable next = handed.get() == null ? null : handed.getAndSet(null);
        if (next == null) {
            next = resumed.pollLatest();
        }
        return next == null ? beginning.poll() : next;
    }

    private @Nullable Runnable pollOther() {
        Runnable next = others.poll();
        tookOther = next != null;
        othersWait = false;
        return next;
    }

    private boolean othersHaveWaited(long now) {
        if (!othersWait) {
            othersWait = !others.isEmpty();
            othersSince = now;
        }
        return othersWait && now - othersSince >= OTHERS_NANOS;
    }

    private @Nullable Runnable longestOf(int first, boolean alsoOthers) {
        Runnable longest = null;
        for (int i = 0; i < 3 && longest == null; i++) {
            longest =
                    switch (Math.floorMod(first + i, 3)) {
                        case 0 -> alsoOthers ? pollOther() : null;
                        case 1 -> beginning.poll();
                        default -> resumed.pollOldest();
                    };
        }
        return longest;
    }

    boolean isEmpty() {
        return handed.get() == null && resumed.isEmpty() && beginning.isEmpty() && others.isEmpty();
    }

    /** Walks them. */
    int size() {
        return (handed.get() == null ? 0 : 1) + resumed.size() + beginning.size() + others.size();
    }
}
