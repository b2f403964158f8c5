// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

import org.jspecify.annotations.Nullable;

/**
 * The dispatches of one loop whose virtual thread could not be started, in the order in which they came. Their
 * slots have let them go, so the loop starts them as soon as it can.
 *
 * <p>All places are made beforehand: it is used when there is no memory. Safe from any thread.
 */
public final class LateStarts {

    /** More than one poll brings. */
    static final int PLACES = 2 * EpollPoller.EVENTS_PER_POLL;

    private final SpinLock lock = new SpinLock();

    /** A ring. Guarded by lock. */
    private final @Nullable Dispatch[] places = new Dispatch[PLACES];

    /** Where the oldest is. Guarded by lock. */
    private int first;

    /** Written under lock, read by anyone. */
    private volatile int size;

    /** Adds one; false when there is no place left. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever written under lock
    public boolean offer(Dispatch dispatch) {
        lock.lock();
        try {
            if (size == PLACES) {
                return false;
            }
            places[(first + size) % PLACES] = dispatch;
            size++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the oldest out; null when there is none. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever written under lock
    public @Nullable Dispatch poll() {
        if (size == 0) {
            return null;
        }
        lock.lock();
        try {
            if (size == 0) {
                return null;
            }
            Dispatch oldest = places[first];
            places[first] = null;
            first = (first + 1) % PLACES;
            size--;
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    public boolean isEmpty() {
        return size == 0;
    }
}
