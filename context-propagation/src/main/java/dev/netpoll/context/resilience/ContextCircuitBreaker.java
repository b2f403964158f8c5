// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelledException;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;

import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker that does not record calls that ended for reasons other than their server: a
 * call that ended because the client has left, because this server goes down, or because the
 * application called it off, is neither failure nor success, and its permission goes back.
 *
 * <p>A deadline that passes during the call is a failure: the server did not answer in the time there
 * was. Under an ended context no call is begun, so that cannot be held against the server either.
 */
public final class ContextCircuitBreaker {

    private static final int MAX_CAUSES = 20;

    private ContextCircuitBreaker() {}

    /** The same breaker, aware of the context that is current when it is used. */
    public static CircuitBreaker wrap(CircuitBreaker breaker) {
        return Proxied.of(
                CircuitBreaker.class,
                breaker,
                (method, arguments, original) -> {
                    if (method.equals("acquirePermission")) {
                        CancelContext context = CancelContext.currentOrNull();
                        if (context != null) {
                            context.throwIfCancelled();
                        }
                    }
                    if (method.equals("onError") && isCancel((Throwable) arguments[2])) {
                        breaker.releasePermission();
                        return null;
                    }
                    return original.proceed(arguments);
                });
    }

    /** Whether it says that the call was cancelled, for other reasons than time. */
    private static boolean isCancel(@Nullable Throwable failure) {
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++, each = each.getCause()) {
            if (each instanceof CancelledException cancelled) {
                return !cancelled.cancelCause().isDeadline();
            }
        }
        CancelContext context = CancelContext.currentOrNull();
        CancelCause cause = context == null ? null : context.cause();
        return cause != null && !cause.isDeadline();
    }
}
