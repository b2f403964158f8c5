// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.actuate.NetpollDescriptor.ConnectionsDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.DeadlinesDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.ErrnoDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.LoopDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.WaitersDescriptor;
import dev.netpoll.engine.EngineSnapshot;
import dev.netpoll.engine.EngineSnapshot.DeadlineCounts;
import dev.netpoll.engine.EngineSnapshot.Oldest;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.engine.stats.WaitKind;
import dev.netpoll.tomcat.ClosedBy;
import dev.netpoll.tomcat.ConnectorStatistics;
import dev.netpoll.tomcat.DeadlineKind;
import dev.netpoll.tomcat.NetpollHttp11Protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The sums over several connectors and the engines under them. Connectors share engines; each engine counts
 * once.
 *
 * @param snapshots of each engine
 * @param statistics of each connector
 */
record EngineTotals(List<EngineSnapshot> snapshots, List<ConnectorStatistics> statistics) {

    private static final double MOST = 0.99;
    private static final double THOUSANDTHS = 1_000;

    static EngineTotals of(List<NetpollHttp11Protocol> protocols) {
        Set<NetpollEngine> engines = Collections.newSetFromMap(new IdentityHashMap<>());
        protocols.stream()
                .map(NetpollHttp11Protocol::engine)
                .filter(Objects::nonNull)
                .forEach(engines::add);
        return new EngineTotals(
                engines.stream().map(NetpollEngine::snapshot).toList(),
                protocols.stream().map(NetpollHttp11Protocol::statistics).toList());
    }

    List<LoopSnapshot> loopSnapshots() {
        return snapshots.stream().flatMap(snapshot -> snapshot.loops().stream()).toList();
    }

    List<LoopDescriptor> loops() {
        return loopSnapshots().stream().map(EngineTotals::describe).toList();
    }

    private static LoopDescriptor describe(LoopSnapshot loop) {
        return new LoopDescriptor(
                loop.id(),
                loop.connections(),
                loop.polls(),
                loop.events(),
                loop.polls() == 0 ? 0 : rounded((double) loop.events() / loop.polls()),
                loop.wakeUps(),
                loop.queued(),
                loop.slices(),
                loop.stolen(),
                loop.timers(),
                loop.stalls(),
                Millis.of(loop.longestStall()),
                rounded(busy(loop)),
                Millis.of(loop.times().silent()),
                Millis.of(loop.times().lag().quantile(MOST)),
                Millis.of(loop.times().wakeUp().quantile(MOST)));
    }

    /** The share of its time that a loop did not sleep, from 0 to 1. */
    static double busy(LoopSnapshot loop) {
        double age = loop.times().age().toNanos();
        return age == 0 ? 0 : 1 - loop.times().slept().toNanos() / age;
    }

    private static double rounded(double ratio) {
        return Math.round(ratio * THOUSANDTHS) / THOUSANDTHS;
    }

    ConnectionsDescriptor connections() {
        int open = sum(ConnectorStatistics::open);
        int active = sum(ConnectorStatistics::active);
        return new ConnectionsDescriptor(
                open,
                active,
                open - active,
                statistics.stream().mapToLong(ConnectorStatistics::accepted).sum(),
                closed(),
                statistics.stream().mapToLong(ConnectorStatistics::backoffs).sum(),
                statistics.stream().anyMatch(ConnectorStatistics::backingOff));
    }

    private int sum(ToIntFunction<ConnectorStatistics> number) {
        return statistics.stream().mapToInt(number).sum();
    }

    /** Who ended connections → how many. */
    Map<String, Long> closed() {
        Map<String, Long> closed = new LinkedHashMap<>();
        for (ClosedBy by : ClosedBy.values()) {
            closed.put(by.tag(), sum(by, ConnectorStatistics::closed));
        }
        return closed;
    }

    /** A connection's kind of deadline → how many have passed. */
    Map<String, Long> expired() {
        Map<String, Long> expired = new LinkedHashMap<>();
        for (DeadlineKind kind : DeadlineKind.values()) {
            expired.put(kind.tag(), sum(kind, ConnectorStatistics::expired));
        }
        return expired;
    }

    private <K> long sum(K key, Function<ConnectorStatistics, Map<K, Long>> counts) {
        return statistics.stream()
                .mapToLong(each -> counts.apply(each).getOrDefault(key, 0L))
                .sum();
    }

    WaitersDescriptor waiters() {
        int read = 0;
        int write = 0;
        int idle = 0;
        for (EngineSnapshot snapshot : snapshots) {
            EngineSnapshot.Waiters waiters = snapshot.waiters();
            read += waiters.read();
            write += waiters.write() + waiters.writeDispatches();
            idle += waiters.idle();
        }
        return new WaitersDescriptor(
                read,
                write,
                idle,
                oldest(Oldest::read),
                oldest(Oldest::write),
                oldest(Oldest::idle));
    }

    private double oldest(Function<Oldest, Duration> age) {
        return Millis.of(
                snapshots.stream()
                        .map(EngineSnapshot::oldest)
                        .map(age)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO));
    }

    /**
     * @param requests how many requests' deadlines have passed
     */
    DeadlinesDescriptor deadlines(long requests) {
        DeadlineCounts counts = deadlineCounts();
        Map<String, Long> expired = expired();
        expired.put("request", requests);
        return new DeadlinesDescriptor(
                snapshots.stream().mapToInt(snapshot -> snapshot.deadlines().read()).sum(),
                snapshots.stream().mapToInt(snapshot -> snapshot.deadlines().write()).sum(),
                counts.set(),
                counts.moved(),
                expired);
    }

    DeadlineCounts deadlineCounts() {
        return snapshots.stream()
                .map(EngineSnapshot::deadlineCounts)
                .reduce(DeadlineCounts.NONE, DeadlineCounts::plus);
    }

    /** How long the waits of one kind lasted that are over. */
    DurationCounts waits(WaitKind kind) {
        return snapshots.stream()
                .map(snapshot -> snapshot.waits().getOrDefault(kind, DurationCounts.NONE))
                .reduce(DurationCounts.NONE, DurationCounts::plus);
    }

    /** How late all loops came to their timers. */
    DurationCounts lag() {
        return loopSnapshots().stream()
                .map(loop -> loop.times().lag())
                .reduce(DurationCounts.NONE, DurationCounts::plus);
    }

    /** How long it took to wake a loop. */
    DurationCounts wakeUp() {
        return loopSnapshots().stream()
                .map(loop -> loop.times().wakeUp())
                .reduce(DurationCounts.NONE, DurationCounts::plus);
    }

    /** How often a system call failed with an errno. */
    long failures(String syscall, String errno) {
        return snapshots.stream()
                .flatMap(snapshot -> snapshot.errors().stream())
                .filter(row -> row.syscall().equals(syscall) && row.errno().equals(errno))
                .mapToLong(SyscallErrorCount::count)
                .sum();
    }

    Map<String, Map<String, ErrnoDescriptor>> errno() {
        var table = new TreeMap<String, Map<String, ErrnoDescriptor>>();
        for (EngineSnapshot snapshot : snapshots) {
            for (SyscallErrorCount row : snapshot.errors()) {
                table.computeIfAbsent(row.syscall(), _ -> new TreeMap<>())
                        .merge(row.errno(), describe(row), EngineTotals::merge);
            }
        }
        return table;
    }

    private static ErrnoDescriptor describe(SyscallErrorCount row) {
        return new ErrnoDescriptor(row.count(), Instant.ofEpochMilli(row.lastEpochMillis()));
    }

    private static ErrnoDescriptor merge(ErrnoDescriptor a, ErrnoDescriptor b) {
        Instant last = a.last().isAfter(b.last()) ? a.last() : b.last();
        return new ErrnoDescriptor(a.count() + b.count(), last);
    }
}
