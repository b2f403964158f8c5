// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Many threads on one tree; what the tree looks like afterwards does not depend on who came first. */
class CancelRaceTest {

    private static final int THREADS = 8;

    /** Lets all threads go at once, each with its number. */
    private static void race(IntConsumer work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            FutureTask<Boolean> task =
                    new FutureTask<>(
                            () -> {
                                start.await();
                                work.accept(number);
                                return true;
                            });
            (i % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
            tasks.add(task);
        }
        for (FutureTask<Boolean> task : tasks) {
            Bounded.get(task);
        }
    }

    @Test
    void ofManyEndsExactlyOneIsTold() throws Exception {
        for (int round = 0; round < 300; round++) {
            CancelScope scope = CancelContext.background().withTimeout(Duration.ofNanos(200_000));
            AtomicInteger winners = new AtomicInteger();
            AtomicInteger told = new AtomicInteger();
            CountDownLatch hook = new CountDownLatch(1);
            scope.onCancelInline(
                    _ -> {
                        told.incrementAndGet();
                        hook.countDown();
                    });
            race(
                    i -> {
                        boolean won = i == 0 ? scope.tryComplete() : scope.cancel("by " + i);
                        if (won) {
                            winners.incrementAndGet();
                        }
                    });
            Bounded.await(hook);
            assertThat(winners.get()).isEqualTo(scope.isDeadlineExceeded() ? 0 : 1);
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void everyHookOfARacedCancelRunsOnceOrWasStopped() throws Exception {
        int each = 2_000;
        CancelScope root = CancelContext.background().withCancel();
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger stopped = new AtomicInteger();
        race(
                i -> {
                    Random random = new Random(i);
                    for (int n = 0; n < each; n++) {
                        if (i == 0 && n == each / 2) {
                            root.cancel();
                        }
                        CancelContext context = random.nextBoolean() ? root : root.withCancel();
                        CancelHook hook = context.onCancelInline(_ -> ran.incrementAndGet());
                        if (random.nextBoolean() && hook.stop()) {
                            stopped.incrementAndGet();
                        }
                    }
                });
        assertThat(ran.get() + stopped.get()).isEqualTo(THREADS * each);
        assertThat(ran.get()).isPositive();
        assertThat(stopped.get()).isPositive();
        assertThat(root.memberCount()).isZero();
    }

    @Test
    void aLongLivedParentKeepsNoChildThatManyThreadsEndedByManyWays() throws Exception {
        CancelScope root = CancelContext.background().withCancel();
        race(
                i -> {
                    Random random = new Random(i);
                    for (int n = 0; n < 100_000 / THREADS; n++) {
                        CancelScope request = root.withTimeout(timeout(random));
                        CancelScope task = request.withOwnEnd();
                        switch (random.nextInt(3)) {
                            case 0 -> request.cancel();
                            case 1 -> request.close();
                            default -> task.cancel();
                        }
                        request.close();
                        task.close();
                    }
                });
        Bounded.until(() -> root.memberCount() == 0);
    }

    private static Duration timeout(Random random) {
        return Duration.ofNanos(
                random.nextInt(8) == 0 ? random.nextInt(20_000) : 3_600_000_000_000L);
    }

    /** The child is taken over by its grandparent while it, or the grandparent, ends. */
    @Test
    void anOwnEndIsNeitherLostNorLeftBehindWhenItsParentCompletes() throws Exception {
        for (int round = 0; round < 500; round++) {
            CancelScope root = CancelContext.background().withCancel();
            CancelScope request = root.withCancel();
            List<CancelScope> tasks = new ArrayList<>();
            List<CountDownLatch> ends = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                CountDownLatch end = new CountDownLatch(1);
                CancelScope task = request.withOwnEnd();
                task.onCancelInline(_ -> end.countDown());
                tasks.add(task);
                ends.add(end);
            }
            boolean shutDown = round % 2 == 0;
            race(
                    i -> {
                        if (i == 0) {
                            request.close();
                        } else if (i == 1 && shutDown) {
                            root.cancel();
                        } else {
                            tasks.get(i).close();
                        }
                    });
            if (!shutDown) {
                assertThat(root.memberCount()).as("the one nobody closed").isOne();
                root.cancel();
            }
            ends.forEach(Bounded::await);
            assertThat(root.memberCount()).isZero();
        }
    }

    @Test
    void interruptsNeverLeaveTheirScope() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            CancelScope scope = CancelContext.background().withCancel();
            AtomicInteger leaked = new AtomicInteger();
            CountDownLatch started = new CountDownLatch(1);
            FutureTask<Boolean> worker =
                    Bounded.fork(
                            () -> {
                                started.countDown();
                                try (InterruptScope _ = InterruptScope.open(scope)) {
                                    Thread.onSpinWait();
                                }
                                return Thread.currentThread().isInterrupted();
                            });
            Bounded.await(started);
            scope.cancel();
            if (Bounded.get(worker)) {
                leaked.incrementAndGet();
            }
            assertThat(leaked).hasValue(0);
        }
    }
}
