// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class DeadlineTest {

    private final ManualRuntime time = new ManualRuntime();

    @Test
    void whatRemainsShrinksWithTheTimeAndIsNeverNegative() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(3), time);
        time.advance(Duration.ofSeconds(1));
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(2));
        assertThat(deadline.isExpired()).isFalse();
        time.advance(Duration.ofSeconds(2));
        assertThat(deadline.isExpired()).as("at its time, not after it").isTrue();
        time.advance(Duration.ofSeconds(4));
        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.remainingNanos()).isEqualTo(Duration.ofSeconds(-4).toNanos());
        assertThat(deadline).hasToString("Deadline passed PT4S ago");
    }

    @Test
    void theEarlierOfTwoIsFoundOnAnyClock() {
        Deadline soon = Deadline.after(Duration.ofSeconds(1), time);
        Deadline late = Deadline.after(Duration.ofHours(1));
        assertThat(late.earlier(soon)).isSameAs(soon);
        assertThat(soon.earlier(late)).isSameAs(soon);
        assertThat(soon.earlier(null)).isSameAs(soon);
        assertThat(soon).isLessThan(late);
        assertThat(soon).isEqualTo(Deadline.after(Duration.ofSeconds(1), time)).isNotEqualTo(late);
    }

    @Test
    void aDeadlineOfAnotherClockIsTakenByWhatIsLeftOfIt() {
        Deadline hour = Deadline.after(Duration.ofHours(1));
        try (CancelScope scope = time.background().withDeadline(hour, "the hour")) {
            assertThat(scope.deadline().remaining())
                    .isGreaterThan(Duration.ofMinutes(59))
                    .isLessThanOrEqualTo(Duration.ofHours(1));
            time.advance(Duration.ofHours(1));
            assertThat(scope.cause().message()).isEqualTo("deadline exceeded: the hour");
        }
    }

    @Test
    void aTimeoutForACallIsWhatIsLeftOrTheLimit() {
        try (CancelScope scope = time.background().withTimeout(Duration.ofSeconds(3))) {
            assertThat(scope.remainingAtMost(Duration.ofSeconds(5)))
                    .isEqualTo(Duration.ofSeconds(3));
            assertThat(scope.remainingAtMost(Duration.ofSeconds(1)))
                    .isEqualTo(Duration.ofSeconds(1));
        }
        assertThat(CancelContext.background().remainingAtMost(Duration.ofDays(1)))
                .isEqualTo(Duration.ofDays(1));
    }
}
