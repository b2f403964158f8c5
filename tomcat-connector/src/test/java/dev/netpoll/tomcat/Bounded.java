package dev.netpoll.tomcat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting that always ends: with the thing waited for, or with an {@link AssertionError} that names it. */
final class Bounded {
    /** Far above what a busy machine needs, far below what a person waits for. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private Bounded() {}

    /** The future's value; its exception comes wrapped in an {@link AssertionError}. */
    static <T> T value(Future<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("not done after " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }

    static void latch(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        "latch still at " + latch.getCount() + " after " + PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }

    /** Returns as soon as {@code condition} holds; {@code state} is evaluated only for the failure's text. */
    static void until(BooleanSupplier condition, Supplier<?> state) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not so after " + PATIENCE + ": " + state.get());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /**
     * Runs {@code task} on a daemon platform thread. Not a virtual one: the JDK opens epoll descriptors of its own for
     * those, at times of its choosing, and the suite counts descriptors.
     */
    static <T> CompletableFuture<T> background(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("test-background")
                        .unstarted(
                                () -> {
                                    try {
                                        result.complete(task.call());
                                    } catch (Throwable t) {
                                        result.completeExceptionally(t);
                                    }
                                });
        // Else Tomcat takes it for a thread the web application forgot, and warns.
        thread.setContextClassLoader(Bounded.class.getClassLoader());
        thread.start();
        return result;
    }
}
