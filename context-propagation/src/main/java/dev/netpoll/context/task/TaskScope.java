// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;

/**
 * The context of one submitted task: made on the submitter's thread, bound on the runner's. Immutable;
 * the scope in it is what moves.
 */
record TaskScope(
        CancelScope scope,
        String label,
        @Nullable TaskObservation observation,
        CurrentRun current) {

    /** A context of its own even where the submitter has none: a future's cancel has to reach it. */
    static TaskScope capture(TaskPolicy policy, Object task) {
        return capture(policy, task.getClass().getName());
    }

    static TaskScope capture(TaskPolicy policy, String label) {
        CancelContext current = CancelContext.currentOrNull();
        CancelContext submitter = current == null ? CancelContext.background() : current;
        return new TaskScope(
                policy.open(submitter),
                label,
                TaskObserver.of(submitter, label, policy == TaskPolicy.DETACHED),
                new CurrentRun());
    }

    /** The same task under another context. */
    TaskScope under(CancelScope other) {
        return new TaskScope(other, label, observation, current);
    }

    /**
     * Calls the work, which {@link #run} surrounds, and completes the scope: after its deadline, or any other end, neither a result
     * nor a failure counts but that end.
     */
    <T extends @Nullable Object> T complete(Callable<T> work) throws Exception {
        try {
            T result = call(work);
            scope.complete();
            return result;
        } catch (Exception e) {
            CancelCause end = scope.cause();
            if (end == null || isEchoOf(end, e)) {
                throw e;
            }
            CancelledException cancelled = end.toException();
            cancelled.addSuppressed(e);
            throw cancelled;
        }
    }

    /** A future keeps to itself what it was told. */
    private <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
        try {
            return work.call();
        } catch (Throwable failure) {
            failed(failure);
            throw failure;
        }
    }

    private void failed(Throwable failure) {
        if (observation != null) {
            observation.failed(failure);
        }
    }

    /** The task will never be run: gives back what it holds in the tree. */
    void abandon() {
        scope.cancel("The executor did not take the task");
    }

    /** Interrupts the task, as {@code Future.cancel(true)} does. */
    void cancelAndInterrupt() {
        cancel();
        current.interruptNow();
    }

    void cancel() {
        scope.cancel("The task's future was cancelled");
    }

    /** The same exception with what ended the task as its cause. */
    CancellationException explained(CancellationException bare) {
        CancelCause cause = scope.cause();
        if (cause != null && bare.getCause() == null) {
            bare.initCause(cause.toException());
        }
        return bare;
    }

    private static boolean isEchoOf(CancelCause end, Exception e) {
        return e instanceof CancelledException cancelled
                && cancelled.cancelCause().origin().equals(end.origin());
    }

    /** Runs on this thread under the context, interrupted by its end and watched after it. */
    <T extends @Nullable Object, E extends Exception> T run(Operation<T, E> operation) throws E {
        try (TaskRun run = TaskRun.begin(scope, label, observation)) {
            current.entered(run);
            return observed(operation);
        } finally {
            current.left();
        }
    }

    private <T extends @Nullable Object, E extends Exception> T observed(Operation<T, E> operation)
            throws E {
        try {
            return operation.run();
        } catch (Throwable failure) {
            failed(failure);
            throw failure;
        }
    }
}
