// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.engine.stats.WaitKind;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The state and the counters of an engine, for observers. Taken without a lock and without stopping
 * anything, so its numbers belong to slightly different moments.
 *
 * @param carriesThreads whether the loops carry the virtual threads, or the JDK's scheduler does
 * @param carriers platform threads that run loops, or are stuck in a slice that cost them theirs
 * @param alive false while a loop cannot serve: its carrier died and is being replaced, or its polls fail
 * @param loops a row for each loop
 * @param waiters the threads that wait for sockets
 * @param oldest how long those have waited that wait longest
 * @param deadlines how many I/O deadlines are set
 * @param deadlineCounts what has become of deadlines so far
 * @param waits how long the waits lasted that are over, listeners not counted
 * @param errors system calls that failed, by name and errno
 */
public record EngineSnapshot(
        boolean carriesThreads,
        int carriers,
        boolean alive,
        List<LoopSnapshot> loops,
        Waiters waiters,
        Oldest oldest,
        Deadlines deadlines,
        DeadlineCounts deadlineCounts,
        Map<WaitKind, DurationCounts> waits,
        List<SyscallErrorCount> errors) {

    /**
     * The waiting threads, listeners not counted.
     *
     * @param read threads parked until there is something to read
     * @param write threads parked until there is room to write
     * @param idle connections that hold no thread: an armed dispatch waits for their next bytes
     * @param writeDispatches armed dispatches that wait for room to write
     */
    public record Waiters(int read, int write, int idle, int writeDispatches) {}

    /**
     * How long the oldest waiter of each kind has waited, listeners not counted; zero for none.
     *
     * @param read of the parked threads
     * @param write of the parked threads and the armed dispatches
     * @param idle of the armed dispatches
     */
    public record Oldest(Duration read, Duration write, Duration idle) {

        public static final Oldest NONE = new Oldest(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    /**
     * Deadlines set and not passed, listeners not counted.
     *
     * @param read on reading, idle connections' among them
     * @param write on writing
     */
    public record Deadlines(int read, int write) {}

    /**
     * Deadlines, since the engine started.
     *
     * @param set where there was none, or one that had passed
     * @param moved to another time before they passed
     * @param expiredReads passed, on reading; those that were set to have passed are not counted
     * @param expiredWrites the same, on writing
     */
    public record DeadlineCounts(long set, long moved, long expiredReads, long expiredWrites) {

        public static final DeadlineCounts NONE = new DeadlineCounts(0, 0, 0, 0);

        public DeadlineCounts plus(DeadlineCounts other) {
            return new DeadlineCounts(
                    set + other.set,
                    moved + other.moved,
                    expiredReads + other.expiredReads,
                    expiredWrites + other.expiredWrites);
        }
    }
}
