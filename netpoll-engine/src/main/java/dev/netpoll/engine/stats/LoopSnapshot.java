// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.stats;

import java.time.Duration;

/**
 * The counters of one loop since it started, and its present state. Each number is right
 * for itself; they are read one after the other while the loop goes on.
 *
 * <p>More components than a constructor should have: they are one row of a table.
 *
 * @param id the loop's number in its group
 * @param connections assigned to it, open now
 * @param polls calls of epoll_pwait2(2)
 * @param events what those calls returned
 * @param wakeUps how often its sleep was ended by the eventfd
 * @param queued continuations that wait for the carrier now
 * @param slices continuations run; without the last ones of a carrier that lost the loop
 * @param stolen those among them that were another loop's
 * @param timers armed now: deadlines and timed parks
 * @param stalls how often a stuck carrier cost it a change of carrier
 * @param longestStall the longest slice the stall monitor saw exceed its measure; zero for none
 * @param times where its time has gone
 */
public record LoopSnapshot(
        int id,
        int connections,
        long polls,
        long events,
        long wakeUps,
        int queued,
        long slices,
        long stolen,
        int timers,
        long stalls,
        Duration longestStall,
        Times times) {

    /**
     * Where a loop's time has gone since it started.
     *
     * @param age how long ago it started
     * @param slept how long of that it waited in epoll_pwait2(2) for something to do
     * @param silent how long ago it last came round to its timers and sockets; zero while it sleeps
     * @param lag how late it came to a timer, each time one was due
     * @param wakeUp from the signal of another thread until the loop was awake
     */
    public record Times(
            Duration age,
            Duration slept,
            Duration silent,
            DurationCounts lag,
            DurationCounts wakeUp) {}
}
