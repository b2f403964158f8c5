// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.EngineSnapshot;
import dev.netpoll.engine.EngineSnapshot.DeadlineCounts;
import dev.netpoll.engine.EngineSnapshot.Deadlines;
import dev.netpoll.engine.EngineSnapshot.Oldest;
import dev.netpoll.engine.EngineSnapshot.Waiters;
import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.tomcat.ConnectorStatistics;

import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import java.time.Duration;
import java.util.List;
import java.util.Map;

class NetpollHealthIndicatorTest {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Descriptors PLENTY = new Descriptors(100, 1_000);

    @Test
    void itIsUpWhileEveryLoopComesRoundAndDescriptorsAreLeft() {
        Health health = health(engine(true, LIMIT), false, PLENTY);

        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails())
                .containsEntry("engine", "epoll")
                .containsEntry("loops", 1)
                .containsEntry("descriptors", List.of(100L, 1_000L))
                .doesNotContainKey("reasons");
    }

    @Test
    void itIsUpOnNio() {
        var indicator =
                new NetpollHealthIndicator(
                        () -> new EngineTotals(List.of(), List.of()),
                        () -> PLENTY,
                        new NetpollHealthIndicator.Limits(LIMIT, 95));

        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
        assertThat(indicator.health().getDetails()).containsEntry("engine", "nio");
    }

    @Test
    void aLoopThatDoesNotComeRoundIsDown() {
        Health health = health(engine(true, LIMIT.plusMillis(1)), false, PLENTY);

        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails())
                .containsEntry("reasons", List.of("loop 3 has not come round for 5001 ms"));
    }

    @Test
    void aDeadLoopIsDown() {
        assertThat(health(engine(false, Duration.ZERO), false, PLENTY).getStatus())
                .isEqualTo(Status.DOWN);
    }

    @Test
    void acceptingThatBacksOffIsOutOfService() {
        assertThat(health(engine(true, Duration.ZERO), true, PLENTY).getStatus())
                .isEqualTo(Status.OUT_OF_SERVICE);
    }

    @Test
    void descriptorsNearlyGoneAreOutOfService() {
        EngineSnapshot fine = engine(true, Duration.ZERO);

        assertThat(health(fine, false, new Descriptors(950, 1_000)).getStatus())
                .isEqualTo(Status.UP);
        Health scarce = health(fine, false, new Descriptors(951, 1_000));
        assertThat(scarce.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(scarce.getDetails())
                .containsEntry(
                        "reasons", List.of("95.1 % of the descriptors are used (ulimit -n)"));
    }

    private static Health health(
            EngineSnapshot engine, boolean backingOff, Descriptors descriptors) {
        var connector = new ConnectorStatistics(0, 0, 0, Map.of(), Map.of(), 0, backingOff);
        return new NetpollHealthIndicator(
                        () -> new EngineTotals(List.of(engine), List.of(connector)),
                        () -> descriptors,
                        new NetpollHealthIndicator.Limits(LIMIT, 95))
                .health();
    }

    private static EngineSnapshot engine(boolean alive, Duration silent) {
        var times =
                new LoopSnapshot.Times(
                        Duration.ofHours(1),
                        Duration.ZERO,
                        silent,
                        DurationCounts.NONE,
                        DurationCounts.NONE);
        return new EngineSnapshot(
                true,
                1,
                alive,
                List.of(new LoopSnapshot(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, times)),
                new Waiters(0, 0, 0, 0),
                Oldest.NONE,
                new Deadlines(0, 0),
                DeadlineCounts.NONE,
                Map.of(),
                List.of());
    }
}
