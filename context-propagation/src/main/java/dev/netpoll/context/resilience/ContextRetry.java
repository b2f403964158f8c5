// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;

import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.internal.RetryImpl;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Retries for as long as the context lasts: nothing is tried again once it has ended, and a pause that
 * would not end before the deadline is not begun. What failed last is what the caller gets, at once.
 *
 * <p>A call that failed because of a shorter deadline of its own, or because its server ran out of
 * time, is retried as without a context.
 *
 * <p>The pauses of blocking retries need {@link #boundPauses()}, once in the process.
 */
public final class ContextRetry {

    private ContextRetry() {}

    /** The pause would outlast the deadline. Resilience4j then throws what failed last. */
    private static final class NoTimeLeft extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NoTimeLeft() {
            super("No time is left for another attempt", null, false, false);
        }
    }

    /**
     * Makes the pauses of all blocking retries of this process end with the current context. Resilience4j
     * has one place for that, a static one; without a context it sleeps as before.
     */
    public static void boundPauses() {
        RetryImpl.setSleepFunction(ContextRetry::pause);
    }

    private static void pause(long millis) throws InterruptedException {
        CancelContext context = CancelContext.currentOrNull();
        if (context == null || millis < 0) {
            Thread.sleep(millis);
        } else if (isTooLong(millis, context)) {
            throw new NoTimeLeft();
        } else {
            context.sleep(Duration.ofMillis(millis));
        }
    }

    private static boolean isTooLong(long millis, CancelContext context) {
        Deadline deadline = context.deadline();
        return deadline != null && deadline.remaining().compareTo(Duration.ofMillis(millis)) <= 0;
    }

    /** The same retry, bounded by the context that is current when it is used. */
    public static Retry wrap(Retry retry) {
        return Proxied.of(Retry.class, retry, ContextRetry::invoke);
    }

    private static @Nullable Object invoke(
            String method, @Nullable Object[] arguments, Proxied.Original original)
            throws Throwable {
        CancelContext context = CancelContext.currentOrNull();
        if (context == null) {
            return original.proceed(arguments);
        }
        return switch (method) {
            case "context" -> blocking((Retry.Context<?>) result(original), context);
            case "asyncContext" -> async((Retry.AsyncContext<?>) result(original), context);
            case "executeCompletionStage", "decorateCompletionStage" ->
                    original.proceed(arguments[0], bound((Supplier<?>) arguments[1], context));
            default -> original.proceed(arguments);
        };
    }

    @SuppressWarnings("NullAway") // neither answers null
    private static Object result(Proxied.Original original) throws Throwable {
        return original.proceed();
    }

    /** All attempts but the first are made by a scheduler. */
    private static Supplier<?> bound(@Nullable Supplier<?> attempt, CancelContext context) {
        return () -> attempt == null ? null : context.<Object, RuntimeException>call(attempt::get);
    }

    private static <T> Retry.Context<T> blocking(Retry.Context<T> retry, CancelContext context) {
        return new Retry.Context<>() {

            @Override
            public void onComplete() {
                retry.onComplete();
            }

            @Override
            public boolean onResult(T result) {
                if (context.isCancelled()) {
                    return false;
                }
                try {
                    return retry.onResult(result);
                } catch (IllegalStateException e) {
                    if (e.getCause() instanceof NoTimeLeft) {
                        return false;
                    }
                    throw e;
                }
            }

            @Override
            public void onError(Exception exception) throws Exception {
                if (context.isCancelled()) {
                    throw exception;
                }
                retry.onError(exception);
            }

            @Override
            public void onRuntimeError(RuntimeException exception) {
                if (context.isCancelled()) {
                    throw exception;
                }
                retry.onRuntimeError(exception);
            }
        };
    }

    private static <T> Retry.AsyncContext<T> async(
            Retry.AsyncContext<T> retry, CancelContext context) {
        return new Retry.AsyncContext<>() {

            private static final long NO_MORE = -1;

            @Override
            public void onComplete() {
                retry.onComplete();
            }

            @Override
            public long onError(Throwable failure) {
                return context.isCancelled() ? NO_MORE : inTime(retry.onError(failure));
            }

            @Override
            public long onResult(T result) {
                return context.isCancelled() ? NO_MORE : inTime(retry.onResult(result));
            }

            private long inTime(long pause) {
                return pause >= 0 && isTooLong(pause, context) ? NO_MORE : pause;
            }
        };
    }
}
