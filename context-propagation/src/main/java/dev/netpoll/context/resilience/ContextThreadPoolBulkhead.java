// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.TaskPolicy;

import io.github.resilience4j.bulkhead.ThreadPoolBulkhead;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

/**
 * A thread pool bulkhead that runs its tasks under the submitter's context: its end, or that of the
 * future handed out, interrupts them. The thread, which is the permit, is held for as long as the
 * task runs anyway.
 */
public final class ContextThreadPoolBulkhead {

    private ContextThreadPoolBulkhead() {}

    /** The same pool, carrying the context that is current when it is used. */
    public static ThreadPoolBulkhead wrap(ThreadPoolBulkhead bulkhead) {
        return Proxied.of(
                ThreadPoolBulkhead.class,
                bulkhead,
                (method, arguments, original) ->
                        method.equals("submit")
                                ? submit(arguments[0], original)
                                : original.proceed(arguments));
    }

    private static @Nullable Object submit(@Nullable Object task, Proxied.Original original)
            throws Throwable {
        CancelContext current = CancelContext.currentOrNull();
        CancelScope scope = (current == null ? CancelContext.background() : current).withCancel();
        boolean taken = false;
        try {
            Object stage = original.proceed(scope.call(() -> carried(task)));
            taken = true;
            if (stage instanceof CompletionStage<?> completing) {
                completing.whenComplete((_, failure) -> end(scope, failure));
            }
            return stage;
        } finally {
            if (!taken) {
                scope.close();
            }
        }
    }

    private static void end(CancelScope scope, @Nullable Throwable failure) {
        if (failure == null) {
            scope.close();
        } else {
            scope.cancel("the bulkhead's future failed: " + failure);
        }
    }

    private static @Nullable Object carried(@Nullable Object task) {
        return switch (task) {
            case Callable<?> callable -> ContextExecutors.wrap(callable, TaskPolicy.FOLLOW);
            case Runnable runnable -> ContextExecutors.wrap(runnable, TaskPolicy.FOLLOW);
            case null, default -> task;
        };
    }
}
