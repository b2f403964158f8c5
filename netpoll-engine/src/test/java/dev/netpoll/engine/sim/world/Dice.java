// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.util.SplittableRandom;

/** The one source of chance in a simulation. */
final class Dice {

    private final SplittableRandom random;

    Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    /** From 0 to {@code bound} - 1. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** From {@code low} to {@code high}. */
    long between(long low, long high) {
        return random.nextLong(low, high + 1);
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    @SafeVarargs
    final <T> T of(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
