// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.task.TaskObservation;
import dev.netpoll.context.task.TaskObserver;
import dev.netpoll.context.task.TaskPolicy;
import dev.netpoll.context.task.TaskRun;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One call of an {@code @Async} method, from the caller's thread to the executor's.
 *
 * <pre>
 *   from     to       by                                means
 *   QUEUED   STARTED  the executor's thread             the method runs; its context's end interrupts it
 *   QUEUED   DROPPED  the context's end                 the method never runs; its future fails at once
 * </pre>
 *
 * A compare-and-set of {@code stage}.
 */
final class AsyncCall {

    private enum Stage {
        QUEUED,
        STARTED,
        DROPPED
    }

    /** Whether this thread is handing an {@code @Async} call to its executor. */
    private static final ThreadLocal<Boolean> SUBMITTING = new ThreadLocal<>();

    private final CancelScope scope;
    private final MethodInvocation invocation;
    private final @Nullable TaskObservation observation;

    /** Atomic, see the table. */
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.QUEUED);

    /** Written before the call's future is handed out; read by the executor's thread, perhaps too early. */
    private volatile @Nullable CancelHook whileQueued;

    /** Written by the executor's thread. */
    private volatile @Nullable TaskRun running;

    private AsyncCall(
            CancelScope scope, MethodInvocation invocation, @Nullable TaskObservation observation) {
        this.scope = scope;
        this.invocation = invocation;
        this.observation = observation;
    }

    /** A call under a new context, by the caller's and by whether it is detached from that. */
    static AsyncCall of(CancelContext caller, boolean detached, MethodInvocation invocation) {
        TaskPolicy policy = detached ? TaskPolicy.DETACHED : TaskPolicy.OUTLIVE_COMPLETION;
        return new AsyncCall(
                policy.open(caller),
                invocation,
                TaskObserver.of(caller, label(invocation), detached));
    }

    static boolean isBeingSubmitted() {
        return SUBMITTING.get() != null;
    }

    // ---- on the caller's thread

    /** Hands the call to its executor; the result is the future that the caller gets. */
    @Nullable Object submit() throws Throwable {
        boolean taken = false;
        SUBMITTING.set(true);
        try {
            Object future = invocation.proceed();
            taken = true;
            return tie(future);
        } finally {
            SUBMITTING.remove();
            if (!taken) {
                scope.cancel("The executor did not take the task");
            }
        }
    }

    /** The end of the one is the end of the other. */
    private @Nullable Object tie(@Nullable Object future) {
        if (future instanceof CompletableFuture<?> completable) {
            dropWhenCancelled(cause -> completable.completeExceptionally(cause.toException()));
            var _ =
                    completable.whenComplete(
                            (_, _) -> scope.cancel("The task's future was completed from outside"));
            return completable;
        }
        if (future instanceof Future<?> plain
                && invocation.getMethod().getReturnType() == Future.class) {
            dropWhenCancelled(_ -> plain.cancel(false));
            return new AsyncFuture<>(plain, this);
        }
        return future;
    }

    private void dropWhenCancelled(java.util.function.Consumer<CancelCause> tell) {
        CancelHook hook =
                scope.onCancel(
                        cause -> {
                            if (stage.compareAndSet(Stage.QUEUED, Stage.DROPPED)) {
                                tell.accept(cause);
                            }
                        });
        whileQueued = hook;
        if (stage.get() != Stage.QUEUED) {
            hook.stop();
        }
    }

    /** The future was cancelled. */
    void cancel(boolean mayInterruptIfRunning) {
        if (mayInterruptIfRunning || stage.get() != Stage.STARTED) {
            scope.cancel("The task's future was cancelled");
        }
        TaskRun run = running;
        if (mayInterruptIfRunning && run != null) {
            run.interruptNow(); // a run that begins now finds the context ended and does nothing
        }
    }

    @Nullable CancelCause cause() {
        return scope.cause();
    }

    // ---- on the executor's thread

    /** Runs the method, bound to its context, interrupted by its end and watched after it. */
    @Nullable Object run() throws Throwable {
        Boolean submitting = SUBMITTING.get(); // set where the caller itself runs the task
        SUBMITTING.remove();
        CancelHook hook = whileQueued;
        boolean mine = stage.compareAndSet(Stage.QUEUED, Stage.STARTED);
        if (hook != null) {
            hook.stop();
        }
        try (TaskRun run = TaskRun.begin(scope, label(invocation), observation)) {
            running = run;
            if (!mine) {
                scope.throwIfCancelled();
            }
            return observed();
        } catch (Throwable failure) {
            return ended(failure);
        } finally {
            scope.close();
            if (submitting != null) {
                SUBMITTING.set(submitting);
            }
        }
    }

    private @Nullable Object observed() throws Throwable {
        try {
            return complete();
        } catch (Throwable failure) {
            if (observation != null) {
                observation.failed(failure);
            }
            throw failure;
        }
    }

    private @Nullable Object complete() throws Throwable {
        scope.throwIfCancelled();
        Object result = invocation.proceed();
        if (result instanceof Future<?> inner) {
            awaitDone(inner);
        }
        scope.complete();
        return result;
    }

    /** Spring will ask it for its result on this thread: the wait is part of the task. */
    private static void awaitDone(Future<?> inner) throws InterruptedException {
        try {
            inner.get();
        } catch (ExecutionException e) {
            // A caller that asks for the result is told.
        }
    }

    /** After an early end neither result nor failure counts but that end. */
    private @Nullable Object ended(Throwable failure) throws Throwable {
        CancelCause end = scope.cause();
        if (end == null || end instanceof CancelCause.Completed) {
            throw failure;
        }
        if (invocation.getMethod().getReturnType() == void.class) {
            return null; // no caller waits for it, and that it was cancelled is no error
        }
        if (failure instanceof CancelledException) {
            throw failure;
        }
        CancelledException cancelled = end.toException();
        cancelled.addSuppressed(failure);
        throw cancelled;
    }

    private static String label(MethodInvocation invocation) {
        return "@Async "
                + invocation.getMethod().getDeclaringClass().getSimpleName()
                + "."
                + invocation.getMethod().getName();
    }
}
