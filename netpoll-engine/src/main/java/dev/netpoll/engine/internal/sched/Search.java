// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Which loop of a group has been woken to look for work in its neighbours' queues: at most one at a time. What {@code
 * wakep} is to Go. Safe from any thread.
 *
 * <pre>
 * searching → searching  moved by
 * null      → L          a thread that has queued work behind a running slice, CAS; then it signals L
 * L         → null       the same thread, when L had woken already; then it looks again
 * L         → null       L's carrier, when it has found work; then it wakes the next, if there is more
 * L         → null       L's carrier, asleep again; then it looks at all queues a last time
 * L         → null       the stall monitor: L has not come to anything for a look's time
 * </pre>
 *
 * <p><b>No work waits beside a loop that sleeps</b>, unless one searches: work is queued before {@code searching} and
 * {@code sleeping} are read, and both are written before the queues are looked at a last time.
 */
final class Search {

    private final List<? extends Neighbour> loops;

    /** Atomic. See the table. */
    private final AtomicReference<@Nullable Neighbour> searching = new AtomicReference<>();

    Search(List<? extends Neighbour> loops) {
        this.loops = loops;
    }

    /** Wakes a loop that sleeps, unless none does or one searches; true if it did. Called after queuing work. */
    boolean begin() {
        while (searching.get() == null) {
            Neighbour sleeper = sleeper();
            if (sleeper == null || !searching.compareAndSet(null, sleeper)) {
                return false;
            }
            if (sleeper.wakeIfSleeping()) {
                return true;
            }
            searching.set(null);
            if (!hasWork()) { // else another thread may have left it to this search
                return false;
            }
        }
        return false;
    }

    /** The loop has work, its own or another's. Carrier only. */
    void found(Neighbour loop) {
        if (ended(loop) && hasWork()) {
            begin();
        }
    }

    /** Ends {@code loop}'s search, if it is the one; what may have been left to it is the caller's to look for. */
    boolean ended(Neighbour loop) {
        return searching.get() == loop && searching.compareAndSet(loop, null);
    }

    /** Begins anew, whatever became of the search under way. Stall monitor only. */
    boolean beginAgain() {
        searching.set(null);
        return begin();
    }

    /** Whether a loop sleeps. */
    boolean canBegin() {
        return sleeper() != null;
    }

    private @Nullable Neighbour sleeper() {
        for (int i = 0; i < loops.size(); i++) {
            Neighbour loop = loops.get(i);
            if (loop.isSleeping()) {
                return loop;
            }
        }
        return null;
    }

    private boolean hasWork() {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).hasQueued()) {
                return true;
            }
        }
        return false;
    }
}
