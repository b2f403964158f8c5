// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.Ticker;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How late a blocked virtual thread of a loop goes on after its deadline, one deadline after the other
 * on an otherwise idle machine; prints percentiles in microseconds. Not a mean over a loop, so no JMH:
 *
 * <pre>
 * java --add-opens=java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
 *     -cp benchmarks/target/benchmarks.jar dev.netpoll.benchmarks.engine.DeadlineLateness
 * </pre>
 */
public final class DeadlineLateness {

    private static final int DEADLINES = 2_000;
    private static final int WARM_UP = 200;
    private static final long SOONEST = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int SPREAD = (int) TimeUnit.MILLISECONDS.toNanos(15);

    private DeadlineLateness() {}

    /** Waits until a time of the ticker. */
    @FunctionalInterface
    private interface Wait {
        void until(long when) throws IOException;
    }

    public static void main(String[] args)
            throws IOException, ExecutionException, InterruptedException {
        try (LoopbackPair pair = LoopbackPair.open(1, CarrierMode.LOOP)) {
            print(pair, "read deadline", when -> readUntil(pair, when));
            Ticker ticker = pair.engine().ticker();
            print(pair, "timed park", when -> LockSupport.parkNanos(when - ticker.nanoTime()));
        }
    }

    private static void readUntil(LoopbackPair pair, long when) throws IOException {
        pair.client().setReadDeadline(when);
        PollResult result = pair.client().awaitReadable();
        if (result != PollResult.DEADLINE_EXCEEDED) {
            throw new IllegalStateException("It ended by " + result);
        }
    }

    private static void print(LoopbackPair pair, String what, Wait wait)
            throws ExecutionException, InterruptedException {
        var measuring = new FutureTask<>(() -> measure(pair.engine().ticker(), wait));
        pair.client().fork(measuring);
        long[] late = measuring.get();
        Arrays.sort(late);
        System.out.printf(
                "%-14s p50 %6.1f  p90 %6.1f  p99 %6.1f  max %6.1f us%n",
                what,
                late[DEADLINES / 2] / 1e3,
                late[DEADLINES * 9 / 10] / 1e3,
                late[DEADLINES * 99 / 100] / 1e3,
                late[DEADLINES - 1] / 1e3);
    }

    private static long[] measure(Ticker ticker, Wait wait) throws IOException {
        Random random = new Random(1);
        long[] late = new long[DEADLINES];
        for (int i = -WARM_UP; i < DEADLINES; i++) {
            long when = ticker.nanoTime() + SOONEST + random.nextInt(SPREAD);
            wait.until(when);
            if (i >= 0) {
                late[i] = ticker.nanoTime() - when;
            }
        }
        return late;
    }
}
