// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

/** The part of an event loop that a {@link PollDesc} uses. Safe from any thread. */
public interface PollLoop {

    /** Starts a virtual thread for {@code dispatch}; never runs it on the caller. */
    void start(Dispatch dispatch);

    /** The loop's deadline timers. */
    TimerQueue timers();

    /** Makes a blocked poll return soon, because the earliest timer moved forward. */
    void timersMoved();

    /** What its descriptors have waited for. */
    PollStatistics statistics();
}
