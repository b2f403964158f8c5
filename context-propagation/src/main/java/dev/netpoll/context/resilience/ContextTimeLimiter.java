// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptPolicy;

import io.github.resilience4j.timelimiter.TimeLimiter;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Limits that end with the context as well, and that stop the work and not only its future: it is
 * started under a context of its own, which the limit cancels. So whatever it runs on that carries
 * contexts (an {@code @Async} method, an executor of {@link
 * dev.netpoll.context.task.ContextExecutors}, an outbound call) is told.
 *
 * <p>The limiter's own limit fails with its {@link TimeoutException}; the end of the context
 * with the {@link CancelledException}. Where the limiter is told not to cancel ({@code
 * cancelRunningFuture=false}) its limit leaves the work alone.
 */
public final class ContextTimeLimiter {

    private ContextTimeLimiter() {}

    /** The same limiter, bounded by the context that is current when it is used. */
    public static TimeLimiter wrap(TimeLimiter limiter) {
        return Proxied.of(
                TimeLimiter.class,
                limiter,
                (method, arguments, original) ->
                        switch (method) {
                            case "decorateFutureSupplier" ->
                                    future(limiter, (Supplier<?>) arguments[0]);
                            case "decorateCompletionStage" ->
                                    stage(
                                            limiter,
                                            (ScheduledExecutorService) arguments[0],
                                            (Supplier<?>) arguments[1]);
                            default -> original.proceed(arguments);
                        });
    }

    private static CancelScope open() {
        CancelContext current = CancelContext.currentOrNull();
        return (current == null ? CancelContext.background() : current).withCancel();
    }

    // ---- the caller waits

    @SuppressWarnings("unchecked") // as the interface declares it
    private static Callable<?> future(TimeLimiter limiter, @Nullable Supplier<?> work) {
        Supplier<? extends Future<Object>> supplier = (Supplier<Future<Object>>) required(work);
        return () -> await(limiter, supplier);
    }

    private static @Nullable Object await(
            TimeLimiter limiter, Supplier<? extends Future<Object>> work) throws Exception {
        CancelScope scope = open();
        scope.throwIfCancelled();
        Future<Object> future = scope.call(work::get);
        boolean leave = false;
        // What carries contexts has one of its own below this one, and is interrupted by its
        // policy.
        boolean interrupt = InterruptPolicy.of(scope) == InterruptPolicy.ALWAYS;
        try (CancelHook _ = scope.onCancelInline(_ -> future.cancel(interrupt))) {
            return limiter.decorateFutureSupplier(() -> future).call();
        } catch (Exception e) {
            CancelCause cause = scope.cause();
            if (cause != null) {
                throw ended(cause, e);
            }
            leave = e instanceof TimeoutException && mayGoOn(limiter);
            if (!leave) {
                scope.cancel("time limiter " + limiter.getName() + ": " + e);
            }
            throw e;
        } finally {
            if (!leave) {
                scope.close();
            }
        }
    }

    // ---- no caller waits

    @SuppressWarnings("unchecked") // as the interface declares it
    private static Supplier<?> stage(
            TimeLimiter limiter,
            @Nullable ScheduledExecutorService timer,
            @Nullable Supplier<?> work) {
        Supplier<? extends CompletionStage<Object>> supplier =
                (Supplier<CompletionStage<Object>>) required(work);
        ScheduledExecutorService scheduler = required(timer);
        return () -> {
            CancelScope scope = open();
            scope.throwIfCancelled();
            return limiter.executeCompletionStage(
                    scheduler, () -> tied(scope.call(supplier::get), scope, limiter));
        };
    }

    /** The end of the one is the end of the other. */
    private static CompletableFuture<Object> tied(
            CompletionStage<Object> work, CancelScope scope, TimeLimiter limiter) {
        CompletableFuture<Object> future = work.toCompletableFuture();
        CancelHook hook =
                scope.onCancel(cause -> future.completeExceptionally(cause.toException()));
        var _ =
                future.whenComplete(
                        (_, failure) -> {
                            hook.stop();
                            if (failure == null) {
                                scope.close();
                            } else if (!(failure instanceof TimeoutException)
                                    || !mayGoOn(limiter)) {
                                scope.cancel("time limiter " + limiter.getName() + ": " + failure);
                            }
                        });
        return future;
    }

    private static boolean mayGoOn(TimeLimiter limiter) {
        return !limiter.getTimeLimiterConfig().shouldCancelRunningFuture();
    }

    private static CancelledException ended(CancelCause cause, Exception original) {
        if (original instanceof CancelledException already) {
            return already;
        }
        CancelledException ended = cause.toException();
        ended.addSuppressed(original);
        return ended;
    }

    private static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new NullPointerException("A time limiter needs what it limits");
        }
        return value;
    }
}
