// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.List;
import java.util.SplittableRandom;

/** Choices that follow from a seed and an index alone. One thread. */
final class Dice {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final SplittableRandom random;

    Dice(long seed, long index) {
        random = new SplittableRandom(seed * GOLDEN ^ index * 0xD1B54A32D192ED03L);
    }

    /** From 0 to {@code bound - 1}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** From {@code least} to {@code most}, both included. */
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    String of(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
