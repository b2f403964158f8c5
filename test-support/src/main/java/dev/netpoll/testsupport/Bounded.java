// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Waits of tests. Each ends with what it waits for, or after {@link #PATIENCE} with an {@link
 * AssertionError} that names it; how long a wait took proves nothing.
 */
public final class Bounded {

    /** Far above what a busy machine needs, below what a person waits for. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long LOOK_NANOS = 200_000;

    private Bounded() {}

    /** Waits until {@code condition} holds. */
    public static void until(BooleanSupplier condition) {
        until("what the test waits for", condition);
    }

    /** Waits until {@code condition} holds; {@code what} says in the failure what that means. */
    public static void until(String what, BooleanSupplier condition) {
        if (!holds(condition)) {
            throw new AssertionError("not within " + PATIENCE + ": " + what);
        }
    }

    /** Waits until {@code condition} holds; {@code state} is evaluated for the failure's text only. */
    public static void until(BooleanSupplier condition, Supplier<?> state) {
        if (!holds(condition)) {
            throw new AssertionError("not so within " + PATIENCE + ": " + state.get());
        }
    }

    /** Waits until {@code look} answers what is expected; the failure names both. */
    public static <T> void untilEqual(T expected, Supplier<T> look) {
        until(
                () -> look.get().equals(expected),
                () -> "expected " + expected + " but was " + look.get());
    }

    /** Looks until it sees what is wanted, and returns it. */
    public static <T> T eventually(Callable<T> look, Predicate<T> wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        T seen = look.call();
        while (!wanted.test(seen)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + PATIENCE + ", last seen: " + seen);
            }
            LockSupport.parkNanos(LOOK_NANOS);
            seen = look.call();
        }
        return seen;
    }

    private static boolean holds(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    /** Waits until the latch is at zero. */
    public static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("not within " + PATIENCE + ": " + latch);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits until the thread has ended; the failure has the stack it stands at. */
    public static void join(Thread thread) {
        try {
            if (!thread.join(PATIENCE)) {
                var stuck = new AssertionError("still alive after " + PATIENCE + ": " + thread);
                stuck.setStackTrace(thread.getStackTrace());
                throw stuck;
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Returns the future's value; its exception comes wrapped in an {@link AssertionError}. */
    public static <T> T value(Future<T> future) {
        try {
            return get(future);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("not done within " + PATIENCE, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Returns the future's value; its exception comes as {@link Future#get()} throws it. */
    public static <T> T get(Future<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Runs {@code work} on a virtual thread. */
    public static <T> FutureTask<T> fork(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    /**
     * Runs {@code work} on a daemon platform thread, for tests that count descriptors: for virtual
     * threads the JDK opens epoll descriptors of its own, at times of its choosing.
     */
    public static <T> CompletableFuture<T> background(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("test-background")
                        .unstarted(() -> complete(result, work));
        // Otherwise Tomcat takes it for a thread that the web application left behind, and warns.
        thread.setContextClassLoader(Bounded.class.getClassLoader());
        thread.start();
        return result;
    }

    private static <T> void complete(CompletableFuture<T> result, Callable<T> work) {
        try {
            result.complete(work.call());
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("the test's thread was interrupted while it waited", e);
    }
}
