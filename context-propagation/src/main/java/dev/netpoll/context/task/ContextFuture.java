// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelHook;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of a task that runs under a context.
 *
 * <pre>
 *   from     to       by                                means
 *   QUEUED   STARTED  the runner                        it runs; its context's end interrupts it
 *   QUEUED   DROPPED  the context's end, or a cancel    it will never run; get() says why
 * </pre>
 *
 * A compare-and-set of {@code stage}: a task that was dropped has not begun, one that began is not
 * dropped.
 */
class ContextFuture<T extends @Nullable Object> extends FutureTask<T> {

    private static final VarHandle STAGE;

    private static final int QUEUED = 0;
    private static final int STARTED = 1;
    private static final int DROPPED = 2;

    static {
        try {
            STAGE = MethodHandles.lookup().findVarHandle(ContextFuture.class, "stage", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TaskScope task;
    private final CancelHook whileQueued;
    private volatile int stage; // atomic, see the table

    ContextFuture(TaskScope task, Callable<T> work) {
        super(() -> task.complete(work));
        this.task = task;
        this.whileQueued = task.scope().onCancelInline(_ -> drop());
    }

    @Override
    public void run() {
        if (!STAGE.compareAndSet(this, QUEUED, STARTED)) {
            return;
        }
        whileQueued.stop();
        try {
            task.run(
                    () -> {
                        super.run();
                        return null;
                    });
        } finally {
            task.scope().close();
        }
    }

    private boolean drop() {
        return STAGE.compareAndSet(this, QUEUED, DROPPED) && super.cancel(false);
    }

    /** It will never be run: gives back what it holds in the tree. */
    void abandon() {
        task.abandon();
    }

    /**
     * Ends the future and, if the task has not begun or may be interrupted, the task's context: the
     * task is interrupted and whatever it started is cancelled.
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = drop() || super.cancel(false);
        if (cancelled && mayInterruptIfRunning) {
            task.cancelAndInterrupt();
        } else if (cancelled && stage == DROPPED) {
            task.cancel();
        }
        return cancelled;
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        try {
            return super.get();
        } catch (CancellationException e) {
            throw task.explained(e);
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return super.get(timeout, unit);
        } catch (CancellationException e) {
            throw task.explained(e);
        }
    }
}
