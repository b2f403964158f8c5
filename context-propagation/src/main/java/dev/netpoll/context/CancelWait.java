// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Parks a thread until a context ends or a time has passed. The time comes from the context's own
 * timer, not from a timed park, so that a test's clock moves sleepers too.
 */
final class CancelWait {

    private CancelWait() {}

    static CancelCause await(CancelContext context) throws InterruptedException {
        CountDownLatch woken = new CountDownLatch(1);
        try (CancelHook _ = context.onCancelInline(_ -> woken.countDown())) {
            woken.await();
        }
        return ended(context);
    }

    static @Nullable CancelCause await(CancelContext context, Duration atMost)
            throws InterruptedException {
        CountDownLatch woken = new CountDownLatch(1);
        ContextRuntime runtime = context.runtime();
        long until = runtime.nanoTime() + Deadline.nanos(atMost);
        try (CancelHook _ = context.onCancelInline(_ -> woken.countDown())) {
            ContextRuntime.Timeout timeout = runtime.schedule(until, woken::countDown);
            try {
                woken.await();
            } finally {
                timeout.cancel();
            }
        }
        return context.cause();
    }

    private static CancelCause ended(CancelContext context) {
        CancelCause cause = context.cause();
        if (cause == null) {
            throw new IllegalStateException("Woken by an end that is not there");
        }
        return cause;
    }
}
