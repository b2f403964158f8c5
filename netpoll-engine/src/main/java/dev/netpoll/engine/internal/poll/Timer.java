// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

/**
 * An entry of a {@link TimerQueue}, linked into it by its own fields so that arming allocates
 * nothing.
 */
public abstract class Timer {

    /** {@link #armedFor} of a timer in no queue. */
    static final long UNARMED = Long.MAX_VALUE;

    /** Place in the heap, or -1. Guarded by the queue. */
    int index = -1;

    /** The time this fires at, or {@link #UNARMED}. Written under the queue's lock, read by anyone. */
    volatile long armedFor = UNARMED;

    /**
     * The time has come; the timer is no longer in the queue. Runs on the loop's carrier, without
     * any lock: never blocks and never runs user code.
     */
    protected abstract void fire(long now);
}
