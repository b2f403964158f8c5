package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

/** What a {@link PollDesc} needs of the loop it is registered with. Safe from any thread. */
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
