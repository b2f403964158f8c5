// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.EngineSnapshot.DeadlineCounts;
import dev.netpoll.engine.EngineSnapshot.Deadlines;
import dev.netpoll.engine.EngineSnapshot.Oldest;
import dev.netpoll.engine.EngineSnapshot.Waiters;
import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.poll.PollStatistics;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.WaitKind;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counts an engine's connections and waits in one walk over its descriptors and loops. Confined to
 * the walking thread.
 */
final class EngineCount {

    private int readers;
    private int writers;
    private int idle;
    private int writeDispatches;
    private int readDeadlines;
    private int writeDeadlines;

    /** Ticker times; {@link Long#MAX_VALUE} for none. */
    private long firstReader = Long.MAX_VALUE;

    private long firstWriter = Long.MAX_VALUE;
    private long firstIdle = Long.MAX_VALUE;

    static EngineSnapshot take(LoopGroup group) {
        var count = new EngineCount();
        group.table().forEach(count::count);
        return new EngineSnapshot(
                group.carriesThreads(),
                group.carriers(),
                group.failure() == null,
                group.snapshot(),
                new Waiters(count.readers, count.writers, count.idle, count.writeDispatches),
                count.oldest(group.ticker().nanoTime()),
                new Deadlines(count.readDeadlines, count.writeDeadlines),
                deadlines(group),
                waits(group),
                group.errors().rows());
    }

    private void count(PollDesc desc) {
        if (desc.isListener()) {
            return;
        }
        long reading = desc.waitingSince(Mode.READ);
        if (desc.hasParked(Mode.READ)) {
            readers++;
            firstReader = earlier(firstReader, reading);
        } else if (desc.hasDispatch(Mode.READ)) {
            idle++;
            firstIdle = earlier(firstIdle, reading);
        }
        if (desc.hasParked(Mode.WRITE)) {
            writers++;
            firstWriter = earlier(firstWriter, desc.waitingSince(Mode.WRITE));
        } else if (desc.hasDispatch(Mode.WRITE)) {
            writeDispatches++;
            firstWriter = earlier(firstWriter, desc.waitingSince(Mode.WRITE));
        }
        readDeadlines += isPending(desc.deadline(Mode.READ)) ? 1 : 0;
        writeDeadlines += isPending(desc.deadline(Mode.WRITE)) ? 1 : 0;
    }

    /** A waiter that has left meanwhile waits since 0. */
    private static long earlier(long first, long since) {
        return since > 0 ? Math.min(first, since) : first;
    }

    private static boolean isPending(long deadline) {
        return deadline != PollDesc.NO_DEADLINE && deadline != PollDesc.EXPIRED;
    }

    private Oldest oldest(long now) {
        return new Oldest(age(firstReader, now), age(firstWriter, now), age(firstIdle, now));
    }

    private static Duration age(long since, long now) {
        return Duration.ofNanos(Math.max(now - Math.min(since, now), 0));
    }

    private static DeadlineCounts deadlines(LoopGroup group) {
        return group.loops().stream()
                .map(EventLoop::statistics)
                .map(EngineCount::deadlines)
                .reduce(DeadlineCounts.NONE, DeadlineCounts::plus);
    }

    private static DeadlineCounts deadlines(PollStatistics loop) {
        return new DeadlineCounts(
                loop.deadlinesSet(),
                loop.deadlinesMoved(),
                loop.deadlinesExpired(Mode.READ),
                loop.deadlinesExpired(Mode.WRITE));
    }

    private static Map<WaitKind, DurationCounts> waits(LoopGroup group) {
        Map<WaitKind, DurationCounts> waits = new EnumMap<>(WaitKind.class);
        for (WaitKind kind : WaitKind.values()) {
            waits.put(
                    kind,
                    group.loops().stream()
                            .map(loop -> loop.statistics().waits(kind))
                            .reduce(DurationCounts.NONE, DurationCounts::plus));
        }
        return waits;
    }
}
