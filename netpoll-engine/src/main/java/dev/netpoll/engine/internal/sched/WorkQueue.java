// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The continuations of one loop that wait for a carrier. What was woken goes first: by a socket, a timer, a thread
 * elsewhere. Threads that have yielded, those that a slice has made ready by the dozen, and those of sockets that kept a
 * carrier for long the last time come after it; but one of them after {@link #WOKEN_IN_A_ROW} others, so that none
 * starves. Each of the two in the order in which it came. Safe
 * from any thread.
 */
final class WorkQueue {

    /** Why a continuation is queued. */
    enum Origin {
        /** By a socket or a timer; or the first by its slice: the one thread that it hands something to. */
        WOKEN,
        /** By a thread that is none of the loops'. */
        ELSEWHERE,
        /** By a slice that has queued another before. */
        FANNED_OUT,
        /** By a socket whose thread ran for long when it was ready the last time. */
        AFTER_LONG,
        /** By its own slice. */
        YIELDED
    }

    /** So many go before one of the others. */
    static final int WOKEN_IN_A_ROW = 7;

    private final ConcurrentLinkedQueue<Runnable> woken = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> others = new ConcurrentLinkedQueue<>();

    /** Since one of the others went. Any thread that takes; two that race move a turn by one. */
    private int inARow;

    void add(Runnable continuation, Origin origin) {
        boolean first = origin == Origin.WOKEN || origin == Origin.ELSEWHERE;
        (first ? woken : others).add(continuation);
    }

    @Nullable Runnable poll() {
        if (inARow >= WOKEN_IN_A_ROW) {
            inARow = 0;
            Runnable other = others.poll();
            if (other != null) {
                return other;
            }
        }
        Runnable next = woken.poll();
        if (next != null) {
            inARow++;
            return next;
        }
        return others.poll();
    }

    boolean isEmpty() {
        return woken.isEmpty() && others.isEmpty();
    }

    /** Walks both. */
    int size() {
        return woken.size() + others.size();
    }
}
