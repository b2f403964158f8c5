package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what must come, and fails when it does not. */
public final class Bounded {

    private static final long SECONDS = 20;
    private static final long LOOK_NANOS = 200_000;

    private Bounded() {}

    /** Until {@code condition} holds. */
    public static void until(String what, BooleanSupplier condition) {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > giveUp) {
                throw new AssertionError("Not in " + SECONDS + " s: " + what);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Until what is looked at is what is expected; tells the difference when that does not come. */
    public static <T> void untilEqual(T expected, Supplier<T> look) {
        try {
            until("equal", () -> look.get().equals(expected));
        } catch (AssertionError e) {
            assertThat(look.get()).isEqualTo(expected);
        }
    }

    public static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("Not in " + SECONDS + " s: " + latch);
        }
    }

    public static void join(Thread thread) throws InterruptedException {
        if (!thread.join(java.time.Duration.ofSeconds(SECONDS))) {
            var stuck = new AssertionError("Still alive after " + SECONDS + " s: " + thread);
            stuck.setStackTrace(thread.getStackTrace());
            throw stuck;
        }
    }
}
