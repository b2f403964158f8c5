// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The heap against a map from timer to time, by a clock that is a number. */
class TimerQueueTest {

    private static final int TIMERS = 300;
    private static final int STEPS = 8_000;

    private final List<Throwable> failures = new ArrayList<>();
    private final TimerQueue queue = new TimerQueue(failures::add);
    private final List<Recorded> fired = new ArrayList<>();

    private final class Recorded extends Timer {

        private long again = UNARMED;

        @Override
        protected void fire(long now) {
            fired.add(this);
            if (again != UNARMED) {
                queue.arm(this, again);
                again = UNARMED;
            }
        }
    }

    @RepeatedTest(10)
    void anySequenceOfArmsCancelsAndExpiriesDoesWhatTheModelDoes(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Recorded> timers = new ArrayList<>();
        for (int i = 0; i < TIMERS; i++) {
            timers.add(new Recorded());
        }
        Map<Recorded, Long> model = new HashMap<>();
        long now = 1;
        for (int step = 0; step < STEPS; step++) {
            Recorded timer = timers.get(random.nextInt(TIMERS));
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4, 5 -> arm(timer, now + random.nextInt(2_000), model);
                case 6, 7 -> assertThat(queue.cancel(timer)).isEqualTo(model.remove(timer) != null);
                default -> {
                    now += random.nextInt(100);
                    expire(now, model);
                }
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.earliest()).isEqualTo(earliest(model));
            if (step % 500 == 0) {
                eachTimerKnowsItsPlace(model);
            }
        }
    }

    private void arm(Recorded timer, long when, Map<Recorded, Long> model) {
        long before = earliest(model);
        long expected = Math.min(when, model.getOrDefault(timer, Long.MAX_VALUE));
        model.put(timer, expected);
        assertThat(queue.arm(timer, when)).isEqualTo(expected < before);
        assertThat(timer.armedFor).isEqualTo(expected);
    }

    private void expire(long now, Map<Recorded, Long> model) {
        fired.clear();
        List<Recorded> due =
                model.keySet().stream()
                        .filter(t -> model.get(t) <= now)
                        .sorted(Comparator.comparing(model::get))
                        .toList();
        assertThat(queue.expire(now)).isEqualTo(due.size());
        assertThat(fired.stream().map(model::get))
                .as("in the order of their times")
                .isEqualTo(due.stream().map(model::get).toList());
        assertThat(fired).hasSameElementsAs(due);
        due.forEach(model::remove);
        for (Recorded timer : due) {
            assertThat(timer.armedFor).isEqualTo(Timer.UNARMED);
            assertThat(timer.index).isEqualTo(-1);
        }
    }

    private static long earliest(Map<Recorded, Long> model) {
        return model.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
    }

    private static void eachTimerKnowsItsPlace(Map<Recorded, Long> model) {
        Set<Integer> places = new HashSet<>();
        model.forEach(
                (timer, when) -> {
                    assertThat(timer.armedFor).isEqualTo(when);
                    assertThat(timer.index).isBetween(0, model.size() - 1);
                    assertThat(places.add(timer.index)).isTrue();
                });
    }

    @Test
    void armingLaterChangesNothingAndArmingEarlierBringsForward() {
        var timer = new Recorded();
        assertThat(queue.arm(timer, 100)).isTrue();
        assertThat(queue.arm(timer, 200)).isFalse();
        assertThat(queue.earliest()).isEqualTo(100);
        assertThat(queue.arm(timer, 50)).isTrue();
        assertThat(queue.earliest()).isEqualTo(50);
        assertThat(queue.expire(49)).isZero();
        assertThat(queue.expire(50)).isEqualTo(1);
        assertThat(queue.earliest()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aTimerThatArmsItselfForTheTimeThatIsFiresInTheSameExpiry() {
        var timer = new Recorded();
        timer.again = 100;
        queue.arm(timer, 50);
        assertThat(queue.expire(100)).isEqualTo(2);
        assertThat(queue.size()).isZero();
    }

    @Test
    void aTimerCancelledByTheOneBeforeItDoesNotFire() {
        var second = new Recorded();
        var first =
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        assertThat(queue.cancel(second)).isTrue();
                    }
                };
        queue.arm(second, 20);
        queue.arm(first, 10);
        assertThat(queue.expire(30)).isEqualTo(1);
        assertThat(fired).isEmpty();
    }

    @Test
    void drainingTakesEveryTimerOutUnfired() {
        List<Timer> timers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            var timer = new Recorded();
            timers.add(timer);
            queue.arm(timer, 1_000 - i);
        }
        List<Timer> drained = new ArrayList<>();
        queue.drain(drained::add);
        assertThat(drained).containsExactlyElementsOf(timers.reversed());
        assertThat(fired).isEmpty();
        assertThat(queue.size()).isZero();
        assertThat(queue.earliest()).isEqualTo(Long.MAX_VALUE);
    }
}
