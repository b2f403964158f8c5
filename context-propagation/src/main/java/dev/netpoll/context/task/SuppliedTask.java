// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelScope;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The task behind a {@link CompletableFuture} that runs under a context. {@code claimed} goes to
 * true once: the side that moves it, the runner or the context's end, alone completes the future.
 */
final class SuppliedTask<T extends @Nullable Object> implements Runnable {

    private final TaskScope task;
    private final Supplier<T> work;
    private final CompletableFuture<T> future;
    private final AtomicBoolean claimed = new AtomicBoolean();

    SuppliedTask(TaskScope task, Supplier<T> work, CompletableFuture<T> future) {
        this.task = task;
        this.work = work;
        this.future = future;
    }

    @Override
    public void run() {
        if (!claimed.compareAndSet(false, true)) {
            return;
        }
        CancelScope scope = task.scope();
        try {
            scope.throwIfCancelled();
            future.complete(task.run(() -> task.complete(work::get)));
        } catch (Throwable failure) {
            scope.close();
            future.completeExceptionally(failure);
        }
    }

    /** The context ended; if the task has not begun it never will. */
    void drop(CancelCause cause) {
        if (claimed.compareAndSet(false, true)) {
            future.completeExceptionally(cause.toException());
        }
    }

    /** It will never be run. */
    void abandon() {
        claimed.set(true);
        task.scope().cancel("The executor did not take the task");
    }
}
