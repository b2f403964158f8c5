// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollDescriptor.ConnectionsDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.DeadlinesDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.ErrnoDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.LoopDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.WaitersDescriptor;
import dev.netpoll.engine.EngineSnapshot;
import dev.netpoll.engine.EngineSnapshot.DeadlineCounts;
import dev.netpoll.engine.EngineSnapshot.Deadlines;
import dev.netpoll.engine.EngineSnapshot.Oldest;
import dev.netpoll.engine.EngineSnapshot.Waiters;
import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.engine.stats.WaitKind;
import dev.netpoll.tomcat.ClosedBy;
import dev.netpoll.tomcat.ConnectorStatistics;
import dev.netpoll.tomcat.DeadlineKind;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

class EngineTotalsTest {

    private static final LoopSnapshot FRESH =
            new LoopSnapshot(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, times(0, 0, 0));
    private static final LoopSnapshot BUSY =
            new LoopSnapshot(
                    1,
                    2,
                    4,
                    10,
                    5,
                    6,
                    7,
                    8,
                    9,
                    3,
                    Duration.ofNanos(12_500_000),
                    times(2_000, 500, 7));

    @Test
    void aLoopIsToldInItsOwnNumbers() {
        assertThat(totals(engine(BUSY, new Waiters(0, 0, 0, 0))).loops())
                .containsExactly(
                        new LoopDescriptor(
                                1, 2, 4, 10, 2.5, 5, 6, 7, 8, 9, 3, 12.5, 0.75, 7, 0, 0));
    }

    @Test
    void aLoopThatHasNotPolledYetHasNoEventsPerPoll() {
        assertThat(totals(engine(FRESH, new Waiters(0, 0, 0, 0))).loops())
                .singleElement()
                .extracting(LoopDescriptor::eventsPerPoll)
                .isEqualTo(0.0);
    }

    @Test
    void enginesAddUp() {
        EngineTotals totals =
                totals(
                        engine(FRESH, new Waiters(1, 2, 3, 4)),
                        engine(BUSY, new Waiters(10, 20, 30, 40)));

        assertThat(totals.loops()).extracting(LoopDescriptor::id).containsExactly(0, 1);
        assertThat(totals.waiters()).isEqualTo(new WaitersDescriptor(11, 66, 33, 3, 2, 1));
        assertThat(totals.deadlines(7))
                .isEqualTo(
                        new DeadlinesDescriptor(
                                10,
                                4,
                                20,
                                10,
                                Map.of(
                                        "proxy",
                                        0L,
                                        "handshake",
                                        0L,
                                        "header",
                                        0L,
                                        "read",
                                        0L,
                                        "write",
                                        0L,
                                        "keep-alive",
                                        0L,
                                        "request",
                                        7L)));
        assertThat(totals.waits(WaitKind.READ)).isEqualTo(DurationCounts.NONE);
    }

    @Test
    void failuresOfOneKindAddUpAndTheLatestCounts() {
        EngineTotals totals =
                totals(
                        engine(new SyscallErrorCount("recv", "ECONNRESET", 2, 7_000)),
                        engine(
                                new SyscallErrorCount("accept4", "EMFILE", 1, 5_000),
                                new SyscallErrorCount("recv", "ECONNRESET", 3, 6_000)));

        assertThat(totals.errno())
                .isEqualTo(
                        Map.of(
                                "accept4",
                                Map.of("EMFILE", errno(1, 5_000)),
                                "recv",
                                Map.of("ECONNRESET", errno(5, 7_000))));
    }

    @Test
    void connectorsAddUp() {
        var totals =
                new EngineTotals(List.of(), List.of(connector(5, 2, false), connector(3, 1, true)));

        assertThat(totals.connections())
                .isEqualTo(
                        new ConnectionsDescriptor(
                                8,
                                3,
                                5,
                                20,
                                Map.of(
                                        "peer",
                                        4L,
                                        "server",
                                        6L,
                                        "proxy",
                                        0L,
                                        "deadline",
                                        0L,
                                        "shutdown",
                                        0L,
                                        "operator",
                                        0L),
                                14,
                                true));
        assertThat(totals.expired())
                .isEqualTo(
                        Map.of(
                                "proxy",
                                0L,
                                "handshake",
                                0L,
                                "header",
                                2L,
                                "read",
                                0L,
                                "write",
                                0L,
                                "keep-alive",
                                8L));
    }

    private static EngineTotals totals(EngineSnapshot... engines) {
        return new EngineTotals(List.of(engines), List.of());
    }

    private static EngineSnapshot engine(LoopSnapshot loop, Waiters waiters) {
        return new EngineSnapshot(
                true,
                1,
                true,
                List.of(loop),
                waiters,
                loop == FRESH
                        ? Oldest.NONE
                        : new Oldest(
                                Duration.ofMillis(3), Duration.ofMillis(2), Duration.ofMillis(1)),
                new Deadlines(5, 2),
                new DeadlineCounts(10, 5, 0, 0),
                Map.of(),
                List.of());
    }

    private static LoopSnapshot.Times times(long age, long slept, long silent) {
        return new LoopSnapshot.Times(
                Duration.ofMillis(age),
                Duration.ofMillis(slept),
                Duration.ofMillis(silent),
                DurationCounts.NONE,
                DurationCounts.NONE);
    }

    private static ConnectorStatistics connector(int open, int active, boolean backingOff) {
        return new ConnectorStatistics(
                open,
                active,
                10,
                Map.of(ClosedBy.PEER, 2L, ClosedBy.SERVER, 3L),
                Map.of(DeadlineKind.HEADER, 1L, DeadlineKind.KEEP_ALIVE, 4L),
                7,
                backingOff);
    }

    private static EngineSnapshot engine(SyscallErrorCount... errors) {
        return new EngineSnapshot(
                true,
                1,
                true,
                List.of(),
                new Waiters(0, 0, 0, 0),
                Oldest.NONE,
                new Deadlines(0, 0),
                DeadlineCounts.NONE,
                Map.of(),
                List.of(errors));
    }

    private static ErrnoDescriptor errno(long count, long epochMillis) {
        return new ErrnoDescriptor(count, Instant.ofEpochMilli(epochMillis));
    }
}
