// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelledException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * Executors and futures whose tasks run under a child of the submitter's context: the task sees it as
 * {@link dev.netpoll.context.CancelContext#current()}; its end interrupts the task when it runs and
 * cancels it when it is still queued; and cancelling the future ends the context, and so stops the task
 * and all it started, not just the future.
 *
 * <p>A result that comes after the task's deadline is none: the future fails with {@link
 * dev.netpoll.context.DeadlineExceededException}.
 */
public final class ContextExecutors {

    private ContextExecutors() {}

    /** Like {@link #wrap(Executor, TaskPolicy)} with {@link TaskPolicy#FOLLOW}. */
    public static Executor wrap(Executor target) {
        return wrap(target, TaskPolicy.FOLLOW);
    }

    /**
     * An executor that runs tasks on {@code target}, each under a context. There is no future to cancel
     * here, so a task whose context ends in the queue is run when its turn comes, with its context
     * ended, and interrupted as soon as it waits; except that a {@link java.util.concurrent.RunnableFuture} is cancelled
     * instead.
     */
    public static Executor wrap(Executor target, TaskPolicy policy) {
        return work -> executeOn(target, policy, work);
    }

    /** Like {@link #wrap(ExecutorService, TaskPolicy)} with {@link TaskPolicy#FOLLOW}. */
    public static ExecutorService wrap(ExecutorService target) {
        return wrap(target, TaskPolicy.FOLLOW);
    }

    /**
     * An executor service that runs tasks on {@code target}, each under a context. A future whose
     * context ends while it is queued is cancelled: {@code get()} throws a {@link
     * java.util.concurrent.CancellationException} whose cause is a {@link CancelledException} that
     * tells why. One that runs ends when its task does. {@code cancel(false)} leaves a running task
     * alone, as the interface demands. Shutting it down shuts {@code target} down.
     */
    public static ExecutorService wrap(ExecutorService target, TaskPolicy policy) {
        return new ContextExecutorService(target, policy);
    }

    /** Like {@link #wrap(ScheduledExecutorService, TaskPolicy)} with {@link TaskPolicy#FOLLOW}. */
    public static ScheduledExecutorService wrap(ScheduledExecutorService target) {
        return wrap(target, TaskPolicy.FOLLOW);
    }

    /**
     * Like {@link #wrap(ExecutorService, TaskPolicy)} for a scheduler. A context that ends while its
     * task waits for its time takes the task out of the queue. A periodic task has one context for the
     * whole series, by the policy, and each run a child of it: the end of the series' context
     * interrupts the run and ends the series. With {@link TaskPolicy#FOLLOW} a request that completes
     * takes along what it has scheduled; what shall go on is {@link TaskPolicy#DETACHED}.
     */
    public static ScheduledExecutorService wrap(
            ScheduledExecutorService target, TaskPolicy policy) {
        return new ContextScheduledExecutor(target, policy);
    }

    /**
     * The task, tied to the calling thread's context now, to be run elsewhere once: what a task
     * decorator returns.
     */
    public static Runnable wrap(Runnable work, TaskPolicy policy) {
        return wrap(work, policy, work.getClass().getName());
    }

    /**
     * Like {@link #wrap(Runnable, TaskPolicy)}.
     *
     * @param label what the task is, for people: where it is overdue, and in traces
     */
    public static Runnable wrap(Runnable work, TaskPolicy policy, String label) {
        return new ContextTask(TaskScope.capture(policy, label), work);
    }

    /**
     * The task, tied to the calling thread's context now, to be run elsewhere once. If the context has
     * ended when its turn comes it throws that instead of being run.
     */
    public static <T extends @Nullable Object> Callable<T> wrap(
            Callable<T> work, TaskPolicy policy) {
        TaskScope task = TaskScope.capture(policy, work);
        return () -> {
            try {
                task.scope().throwIfCancelled();
                return task.run(() -> task.complete(work));
            } finally {
                task.scope().close();
            }
        };
    }

    /**
     * Like {@link CompletableFuture#supplyAsync(Supplier, Executor)}, under a context. If the context
     * ends while the task is queued the future fails at once with a {@link CancelledException} and the
     * task is never run. Code that completes the future from outside (cancel, {@code orTimeout}, {@code
     * complete}) ends the task's context: futures derived from it do not pass a cancel on to it.
     */
    public static <T extends @Nullable Object> CompletableFuture<T> supplyAsync(
            Supplier<T> work, Executor target, TaskPolicy policy) {
        TaskScope task = TaskScope.capture(policy, work);
        CompletableFuture<T> future = new CompletableFuture<>();
        SuppliedTask<T> supplied = new SuppliedTask<>(task, work, future);
        CancelHook whileQueued = task.scope().onCancel(supplied::drop);
        var _ =
                future.whenComplete(
                        (_, _) -> {
                            whileQueued.stop();
                            task.scope().cancel("The task's future was completed from outside");
                        });
        handOver(target, supplied, supplied::abandon);
        return future;
    }

    static void executeOn(Executor target, TaskPolicy policy, Runnable work) {
        if (work instanceof ContextFuture<?> future) {
            handOver(target, future, future::abandon);
        } else {
            ContextTask task = new ContextTask(TaskScope.capture(policy, work), work);
            handOver(target, task, task::abandon);
        }
    }

    private static void handOver(Executor target, Runnable task, Runnable abandon) {
        boolean taken = false;
        try {
            target.execute(task);
            taken = true;
        } finally {
            if (!taken) {
                abandon.run();
            }
        }
    }
}
