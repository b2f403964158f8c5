package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waiting and measuring. {@code -Dnetpoll.long=true} takes as many rounds as a figure needs; the bounds
 * that hold on any machine are the tests', the figures are printed.
 */
final class Figures {

    static final boolean LONG = Boolean.getBoolean("netpoll.long");

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_NANOS = 300_000;

    private Figures() {}

    static int rounds(int usually, int forAFigure) {
        return LONG ? forAFigure : usually;
    }

    static void until(String what, BooleanSupplier condition) {
        long giveUp = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUp).as("%s within %s", what, BOUND).isNegative();
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    static <T> FutureTask<T> fork(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%s: n=%d p50=%.1f ms p99=%.1f ms max=%.1f ms%n",
                what,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                nanos[Math.max(0, (int) Math.ceil(nanos.length * 0.99) - 1)] / 1e6,
                nanos[nanos.length - 1] / 1e6);
    }
}
