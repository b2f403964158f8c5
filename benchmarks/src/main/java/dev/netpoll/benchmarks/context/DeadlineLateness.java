// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.context;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How late a deadline's hook runs, one deadline after the other on an otherwise idle machine; prints
 * percentiles in microseconds. Not a mean over a loop, so no JMH:
 *
 * <pre>
 * java -cp benchmarks/target/benchmarks.jar dev.netpoll.benchmarks.context.DeadlineLateness
 * </pre>
 */
public final class DeadlineLateness {

    private static final int DEADLINES = 2_000;
    private static final int WARM_UP = 200;

    private DeadlineLateness() {}

    public static void main(String[] args) throws InterruptedException {
        print("timer, inline hook", true);
        print("hook on a virtual thread", false);
    }

    private static void print(String what, boolean inline) throws InterruptedException {
        Random random = new Random(1);
        long[] late = new long[DEADLINES];
        for (int i = -WARM_UP; i < DEADLINES; i++) {
            long nanos = lateness(Duration.ofNanos(500_000 + random.nextInt(15_000_000)), inline);
            if (i >= 0) {
                late[i] = nanos;
            }
        }
        Arrays.sort(late);
        System.out.printf(
                "%-26s p50 %6.1f  p90 %6.1f  p99 %6.1f  max %6.1f us%n",
                what,
                late[DEADLINES / 2] / 1e3,
                late[DEADLINES * 9 / 10] / 1e3,
                late[DEADLINES * 99 / 100] / 1e3,
                late[DEADLINES - 1] / 1e3);
    }

    private static long lateness(Duration timeout, boolean inline) throws InterruptedException {
        CountDownLatch fired = new CountDownLatch(1);
        AtomicLong at = new AtomicLong();
        long due = System.nanoTime() + timeout.toNanos();
        try (CancelScope scope = CancelContext.background().withTimeout(timeout);
                CancelHook _ = hook(scope, inline, at, fired)) {
            fired.await();
        }
        return at.get() - due;
    }

    private static CancelHook hook(
            CancelScope scope, boolean inline, AtomicLong at, CountDownLatch fired) {
        Runnable told =
                () -> {
                    at.set(System.nanoTime());
                    fired.countDown();
                };
        return inline ? scope.onCancelInline(_ -> told.run()) : scope.onCancel(told);
    }
}
