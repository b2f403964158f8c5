package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits of tests: each ends by what it waits for, or fails after a bound that proves nothing else. */
public final class Bounded {

    private static final Duration BOUND = Duration.ofSeconds(30);

    private Bounded() {}

    public static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(BOUND.toSeconds(), TimeUnit.SECONDS))
                    .as("it came within %s", BOUND)
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("The test's thread was interrupted", e);
        }
    }

    public static void join(Thread thread) {
        try {
            assertThat(thread.join(BOUND)).as("%s ended within %s", thread, BOUND).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("The test's thread was interrupted", e);
        }
    }

    /** For what has no latch: another thread's state. */
    public static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("it came within %s", BOUND).isNegative();
            Thread.onSpinWait();
        }
    }

    /** Runs it on a virtual thread. */
    public static <T> FutureTask<T> fork(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    public static <T> T get(FutureTask<T> task) throws Exception {
        return task.get(BOUND.toSeconds(), TimeUnit.SECONDS);
    }
}
