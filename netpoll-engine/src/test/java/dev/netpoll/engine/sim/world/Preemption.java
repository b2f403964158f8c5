// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

/**
 * Where and for how long one simulation preempts its actors: what each seed has of its own, so that some look
 * at many short preemptions and others at few that last.
 */
final class Preemption {

    enum Choice {
        GO_ON,
        PREEMPT,
        LOSE_TIME
    }

    /** The places of a seed's favour are one in 2^(32 - this). */
    private static final int FAVOURED = 27;

    private final Dice dice;

    /** In 1,024ths: how often a point preempts. */
    private final int rate;

    /** In 64ths: how often a preempted actor finds no processor for up to {@link #longest} steps. */
    private final int starvation;

    private final int longest;

    /** Chooses the places at which this simulation preempts often, and for long. */
    private final int favour;

    /** A step takes less than this. */
    private final int stepNanos;

    /** Together the starved miss no more than this of the time in which no other can run. */
    private final long missable;

    private long missed;

    Preemption(Dice dice) {
        this.dice = dice;
        this.rate = dice.of(8, 40, 120, 400);
        this.favour = dice.below(Integer.MAX_VALUE) | 1;
        this.starvation = dice.of(0, 4, 16);
        this.longest = dice.of(50, 500, 10_000);
        this.missable = dice.of(2_000_000L, 2_000_000L, 700_000_000L);
        this.stepNanos = dice.oneIn(3) ? 4_000 : 400;
    }

    /** What becomes of an actor at the place {@code site}. */
    Choice at(int site) {
        if (site * favour >>> FAVOURED == 0) {
            return dice.oneIn(2) ? Choice.LOSE_TIME : Choice.GO_ON;
        }
        if (dice.below(1024) >= rate) {
            return Choice.GO_ON;
        }
        return dice.below(64) < starvation ? Choice.LOSE_TIME : Choice.PREEMPT;
    }

    /** For how many steps an actor finds no processor. */
    int loss() {
        return dice.below(longest);
    }

    int stepNanos() {
        return dice.below(stepNanos);
    }

    /** Whether so much time goes by while none but the starved could run. */
    boolean misses(long gap) {
        boolean goesBy = missed + gap < missable && dice.oneIn(2);
        missed += goesBy ? gap : 0;
        return goesBy;
    }

    void noneIsStarved() {
        missed = 0;
    }

    /** How late a thread may be that computes how long to sleep, and then finds no processor. */
    long lateness() {
        return missable + 20_000_000;
    }
}
