// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class TimerWheelTest {

    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final long ROUND = TICK * TimerWheel.BUCKETS;

    private final TimerStripe stripe = new TimerStripe();
    private final TimerWheel wheel = new TimerWheel();
    private final List<Long> fired = new ArrayList<>();

    private TimerEntry add(long at) {
        TimerEntry entry = new TimerEntry(stripe, at, () -> fired.add(at));
        wheel.add(entry);
        return entry;
    }

    private void advance(long now) {
        wheel.advance(now, Runnable::run);
    }

    @Test
    void anEmptyWheelIsNeverDue() {
        assertThat(wheel.next()).isEqualTo(TimerWheel.NEVER);
        advance(5 * ROUND);
        assertThat(wheel.next()).isEqualTo(TimerWheel.NEVER);
    }

    @Test
    void nothingFiresEarlyAndWithinATickTheOrderIsExact() {
        add(TICK + 30);
        add(TICK + 10);
        add(TICK + 20);
        assertThat(wheel.next()).as("look when the tick begins").isEqualTo(TICK);
        advance(TICK);
        assertThat(wheel.next()).as("then the exact time is known").isEqualTo(TICK + 10);
        advance(TICK + 9);
        assertThat(fired).isEmpty();
        advance(TICK + 20);
        assertThat(fired).containsExactly(TICK + 10, TICK + 20);
        advance(TICK + 30);
        assertThat(fired).hasSize(3);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void anEntryOfALaterRoundStaysInItsBucket() {
        add(TICK + 3 * ROUND);
        advance(TICK + 2 * ROUND);
        assertThat(fired).isEmpty();
        advance(TICK + 3 * ROUND - 1);
        assertThat(fired).isEmpty();
        advance(TICK + 3 * ROUND);
        assertThat(fired).hasSize(1);
    }

    @Test
    void aLongSleepMissesNothing() {
        for (int i = 0; i < 3 * TimerWheel.BUCKETS; i++) {
            add(i * TICK + i);
        }
        advance(10 * ROUND);
        assertThat(fired).hasSize(3 * TimerWheel.BUCKETS).isSorted();
    }

    @Test
    void aTimeInThePastIsDueAtOnce() {
        advance(7 * TICK);
        add(3);
        assertThat(wheel.next()).isEqualTo(3);
        advance(7 * TICK);
        assertThat(fired).containsExactly(3L);
    }

    @Test
    void whatWasCalledOffNeverFiresWhereverItWaited() {
        TimerEntry far = add(5 * TICK);
        TimerEntry near = add(10);
        advance(0);
        wheel.remove(far);
        wheel.remove(near);
        wheel.remove(near);
        assertThat(wheel.size()).isZero();
        assertThat(wheel.next()).isEqualTo(TimerWheel.NEVER);
        advance(ROUND);
        assertThat(fired).isEmpty();
        assertThat(near.expiry).as("a kept handle keeps nothing").isNull();
    }

    /** Against a plain list, with the time going in steps of all sizes. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void itDoesWhatAPlainSortedListDoes(long seed) {
        Random random = new Random(seed);
        List<TimerEntry> model = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> model.add(add(Math.max(0, now + jump(random) - TICK)));
                case 2 -> {
                    if (!model.isEmpty()) {
                        wheel.remove(model.remove(random.nextInt(model.size())));
                    }
                }
                default -> {
                    now = random.nextBoolean() ? now + jump(random) : Math.max(now, nextOr(now));
                    long until = now;
                    List<Long> expected =
                            model.stream()
                                    .map(e -> e.at)
                                    .filter(at -> at <= until)
                                    .sorted()
                                    .toList();
                    model.removeIf(e -> e.at <= until);
                    fired.clear();
                    advance(now);
                    assertThat(fired).isEqualTo(expected);
                }
            }
            assertThat(wheel.size()).isEqualTo(model.size());
            long earliest = model.stream().mapToLong(e -> e.at).min().orElse(TimerWheel.NEVER);
            assertThat(wheel.next()).isLessThanOrEqualTo(earliest);
        }
    }

    private long nextOr(long now) {
        return wheel.next() == TimerWheel.NEVER ? now : wheel.next();
    }

    private static long jump(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextLong(100);
            case 1 -> random.nextLong(2 * TICK);
            case 2 -> random.nextLong(ROUND / 20);
            default -> random.nextInt(50) == 0 ? random.nextLong(3 * ROUND) : random.nextLong(TICK);
        };
    }
}
