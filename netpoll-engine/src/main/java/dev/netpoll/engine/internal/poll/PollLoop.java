// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

/** The part of an event loop that a {@link PollDesc} uses. Safe from any thread. */
public interface PollLoop {

    /**
     * Starts a virtual thread for {@code dispatch}; never runs it on the caller. When that fails for want of
     * memory it is started later: the slot that held it has let it go. Throws nothing.
     *
     * @param afterLong whether what armed it had run for long: what is short goes first
     */
    void start(Dispatch dispatch, boolean afterLong);

    /** Whether the caller is in a slice of one of its loops that has run for long at {@code now}, by the ticker. */
    boolean isSliceLong(long now);

    /** Notes what went wrong with one event or timer; the loop goes on. Neither allocates nor throws. */
    void failed(Throwable t);

    /** The loop's deadline timers. */
    TimerQueue timers();

    /** Makes a blocked poll return soon, because the earliest timer moved forward. */
    void timersMoved();

    /** What its descriptors have waited for. */
    PollStatistics statistics();
}
