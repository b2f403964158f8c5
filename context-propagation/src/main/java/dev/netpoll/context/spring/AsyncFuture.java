// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.CancelCause;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The future of an {@code @Async} call; cancelling it ends the call's context. Any thread. */
final class AsyncFuture<T extends @Nullable Object> implements Future<T> {

    private final Future<T> target;
    private final AsyncCall call;

    AsyncFuture(Future<T> target, AsyncCall call) {
        this.target = target;
        this.call = call;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        // The context interrupts: the executor's own interrupt could come when the thread has moved
        // on.
        boolean cancelled = target.cancel(false);
        if (cancelled) {
            call.cancel(mayInterruptIfRunning);
        }
        return cancelled;
    }

    @Override
    public boolean isCancelled() {
        return target.isCancelled();
    }

    @Override
    public boolean isDone() {
        return target.isDone();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        try {
            return target.get();
        } catch (CancellationException e) {
            throw explained(e);
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return target.get(timeout, unit);
        } catch (CancellationException e) {
            throw explained(e);
        }
    }

    private CancellationException explained(CancellationException bare) {
        CancelCause cause = call.cause();
        if (cause != null && bare.getCause() == null) {
            bare.initCause(cause.toException());
        }
        return bare;
    }
}
