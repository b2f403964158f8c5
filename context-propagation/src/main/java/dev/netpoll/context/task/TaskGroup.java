// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * Tasks that belong together, each on a virtual thread of its own: the first that fails cancels the
 * rest and is what the group fails with. Go's {@code errgroup}, with results.
 *
 * <pre>{@code
 * try (TaskGroup group = TaskGroup.open().limit(8)) {
 *     List<ForkedTask<Price>> prices =
 *             items.stream().map(item -> group.fork(() -> shop.priceOf(item))).toList();
 *     group.join();                     // the first failure, the others suppressed in it
 *     return prices.stream().map(ForkedTask::result).toList();
 * }
 * }</pre>
 *
 * <p>The group has a context of its own, a child of the one it was opened under. Every task sees it as
 * {@link CancelContext#current()} and is interrupted when it ends: by the first failure, by {@link
 * #cancel}, by the parent's end or deadline. Virtual threads run where the forking one runs, so tasks
 * forked on an event loop start on that loop.
 *
 * <p>Any thread may use it, tasks included: they can fork more. What moves is in {@link TaskPermits},
 * {@link GroupErrors} and the scope, each under its own guard.
 */
public final class TaskGroup implements AutoCloseable {

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final CancelContext parent;
    private final CancelScope scope;
    private final UnaryOperator<Runnable> around;
    private final String name = "task-group-" + NUMBERS.incrementAndGet();

    private final TaskPermits permits = new TaskPermits();
    private final GroupErrors errors = new GroupErrors();
    private final AtomicLong forked = new AtomicLong();

    private TaskGroup(CancelContext parent, UnaryOperator<Runnable> around) {
        this.parent = parent;
        this.scope = parent.withCancel();
        this.around = around;
    }

    /** A group under the current context, or under the background where there is none. */
    public static TaskGroup open() {
        CancelContext current = CancelContext.currentOrNull();
        return open(current == null ? CancelContext.background() : current);
    }

    /** A group under {@code parent}. */
    public static TaskGroup open(CancelContext parent) {
        return open(parent, UnaryOperator.identity());
    }

    /**
     * A group under {@code parent}.
     *
     * @param around called with each task on the forking thread; what it returns is run on the task's
     *     thread and must run the task: the place to carry thread-bound state along
     */
    public static TaskGroup open(CancelContext parent, UnaryOperator<Runnable> around) {
        return new TaskGroup(parent, around);
    }

    /** The context of the tasks. */
    public CancelContext context() {
        return scope;
    }

    /**
     * Lets at most {@code tasks} run at a time.
     *
     * @param tasks zero lets none run, a negative number any number
     * @throws IllegalStateException while tasks are running
     */
    public TaskGroup limit(int tasks) {
        permits.limit(tasks);
        return this;
    }

    /**
     * Starts a task, waiting for a permit if the limit is reached. Where the group's context has ended,
     * or ends during that wait, the task is never run and its state is {@link
     * ForkedTask.State#CANCELLED}; {@link #join()} tells why. An interrupt during the wait cancels the
     * group and is left for the join, unless it is the end of the parent that says so.
     *
     * @throws IllegalStateException if the group has been joined or closed
     */
    public <T extends @Nullable Object> ForkedTask<T> fork(Callable<? extends T> work) {
        ForkedTask<T> task = new ForkedTask<>(work);
        if (!acquire()) {
            task.cancelled();
            return task;
        }
        return start(task);
    }

    /**
     * Like {@link #fork}, but never waits.
     *
     * @return null if the limit is reached
     */
    public <T extends @Nullable Object> @Nullable ForkedTask<T> tryFork(
            Callable<? extends T> work) {
        ForkedTask<T> task = new ForkedTask<>(work);
        if (!permits.tryAcquire()) {
            return null;
        }
        if (scope.isCancelled()) {
            permits.release();
            task.cancelled();
            return task;
        }
        return start(task);
    }

    /**
     * Cancels the group's context: tasks are interrupted, and {@link #join()} throws a {@link
     * dev.netpoll.context.CancelledException}.
     *
     * @return true if this ended it
     */
    public boolean cancel(String reason) {
        return scope.cancel(reason);
    }

    /**
     * Waits until all tasks have ended. After it nothing more can be forked.
     *
     * <p>If a task failed first, its error is thrown: itself if it is unchecked or an {@link Error},
     * else as the cause of a {@link TaskFailedException}. If the context ended first, the {@link
     * dev.netpoll.context.CancelledException} is. Errors of other tasks are suppressed in it, except
     * those that merely say that they were cancelled with the group.
     *
     * @throws InterruptedException if this thread was interrupted while it waited; the group is
     *     cancelled then and, as always, all tasks have ended
     */
    public void join() throws InterruptedException {
        boolean interrupted = Thread.interrupted() && interruptedWhileWaiting();
        interrupted |= awaitTasks();
        scope.tryComplete();
        Throwable thrown = errors.report(scope.cause());
        if (interrupted) {
            InterruptedException e = new InterruptedException("Interrupted while joining " + name);
            if (thrown != null) {
                e.addSuppressed(thrown);
            }
            throw e;
        }
        GroupErrors.raise(thrown);
    }

    /**
     * Ends the group: what still runs is cancelled and waited for. Nothing is lost without a join:
     * a task's error is thrown from here then, which try-with-resources suppresses in what its body
     * threw. An interrupt does not end the wait and is kept. Idempotent.
     */
    @Override
    public void close() {
        if (permits.isIdle()) {
            scope.tryComplete();
        } else {
            scope.cancel("The task group was closed before its tasks had ended");
        }
        if (awaitTasks()) {
            Thread.currentThread().interrupt();
        }
        GroupErrors.raise(errors.reportLost(scope.cause()));
    }

    /** True if an interrupt came that has nothing to do with the end of the parent. */
    private boolean awaitTasks() {
        boolean interrupted = false;
        while (true) {
            try {
                permits.awaitIdleAndClose();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted |= interruptedWhileWaiting();
            }
        }
    }

    /** The parent's end interrupts its threads, and the group's own end says so better. */
    private boolean interruptedWhileWaiting() {
        boolean foreign = !parent.isCancelled();
        scope.cancel("Interrupted while waiting for the tasks");
        return foreign;
    }

    private boolean acquire() {
        if (!scope.isCancelled() && permits.tryAcquire()) {
            return true;
        }
        try (CancelHook _ = scope.onCancelInline(_ -> permits.signal())) {
            return permits.awaitPermit(scope);
        } catch (InterruptedException e) {
            boolean foreign = !parent.isCancelled();
            scope.cancel("Interrupted while waiting to fork");
            if (foreign) {
                Thread.currentThread().interrupt();
            }
            return false;
        }
    }

    // ---- tasks

    private <T extends @Nullable Object> ForkedTask<T> start(ForkedTask<T> task) {
        boolean started = false;
        try {
            TaskObservation observation = TaskObserver.of(scope, task.label(), false);
            Runnable body = around.apply(() -> runBound(task, observation));
            Thread.ofVirtual()
                    .name(name + "-" + forked.incrementAndGet())
                    .start(() -> runAndLeave(task, body));
            started = true;
            return task;
        } finally {
            if (!started) {
                permits.release();
            }
        }
    }

    private void runAndLeave(ForkedTask<?> task, Runnable body) {
        try {
            body.run();
        } catch (Throwable notTheTasks) {
            failed(notTheTasks); // of what was put around it
        } finally {
            if (task.state() == ForkedTask.State.PENDING) {
                task.cancelled(); // what was put around it did not run it
            }
            permits.release();
        }
    }

    /** First into the list, then the cancel: by then others may be failing because of it. */
    private void failed(Throwable error) {
        errors.add(error);
        scope.cancel(error);
    }

    private void runBound(ForkedTask<?> task, @Nullable TaskObservation observation) {
        if (scope.isCancelled()) {
            task.cancelled();
            return;
        }
        try (TaskRun _ = TaskRun.begin(scope, name, observation)) {
            task.run(
                    error -> {
                        failed(error);
                        if (observation != null) {
                            observation.failed(error);
                        }
                    });
        }
    }
}
