// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.task.RunningWork;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A bulkhead that holds a permit until the work has really ended. Resilience4j gives an
 * asynchronous call's permit back when its future is done; a future that was cancelled or timed out
 * is done while its work still runs, and a second call runs beside it. Here the permit also waits
 * for the tasks that were started for the call on anything that carries contexts.
 *
 * <p>Waiting for a permit ends with the context.
 */
public final class ContextBulkhead {

    private ContextBulkhead() {}

    /** The same bulkhead, aware of the context that is current when it is used. */
    public static Bulkhead wrap(Bulkhead bulkhead) {
        return Proxied.of(
                Bulkhead.class,
                bulkhead,
                (method, arguments, original) ->
                        switch (method) {
                            case "acquirePermission", "tryAcquirePermission" ->
                                    acquire(arguments, original);
                            case "executeCompletionStage" ->
                                    execute(bulkhead, (Supplier<?>) arguments[0]);
                            default -> original.proceed(arguments);
                        });
    }

    private static @Nullable Object acquire(@Nullable Object[] arguments, Proxied.Original original)
            throws Throwable {
        CancelContext context = CancelContext.currentOrNull();
        if (context == null) {
            return original.proceed(arguments);
        }
        context.throwIfCancelled();
        return context.<@Nullable Object, Exception>callInterruptibly(
                () -> proceed(arguments, original));
    }

    private static @Nullable Object proceed(@Nullable Object[] arguments, Proxied.Original original)
            throws Exception {
        try {
            return original.proceed(arguments);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked") // as the interface declares it
    private static CompletionStage<?> execute(Bulkhead bulkhead, @Nullable Supplier<?> work) {
        CompletableFuture<Object> promise = new CompletableFuture<>();
        if (work == null || !bulkhead.tryAcquirePermission()) {
            promise.completeExceptionally(
                    BulkheadFullException.createBulkheadFullException(bulkhead));
            return promise;
        }
        CancelContext current = CancelContext.currentOrNull();
        CancelContext context = current == null ? CancelContext.background() : current;
        RunningWork running = RunningWork.in(context);
        try {
            var stage =
                    (CompletionStage<Object>)
                            running.mark(context).<Object, RuntimeException>call(work::get);
            stage.whenComplete(
                    (result, failure) -> {
                        running.whenEnded(bulkhead::onComplete);
                        if (failure == null) {
                            promise.complete(result);
                        } else {
                            promise.completeExceptionally(failure);
                        }
                    });
        } catch (Throwable failure) {
            running.whenEnded(bulkhead::onComplete);
            promise.completeExceptionally(failure);
        }
        return promise;
    }
}
