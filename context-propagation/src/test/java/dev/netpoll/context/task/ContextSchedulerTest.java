// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.Key;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The scheduler's delays are the JVM's; the deadlines of the contexts are moved by hand. */
class ContextSchedulerTest {

    private static final Key<String> TENANT = Key.named("tenant");

    private final ManualRuntime time = new ManualRuntime();
    private final CancelScope scope =
            time.background().with(TENANT, "acme").withTimeout(Duration.ofMinutes(1));
    private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1);
    private final ScheduledExecutorService wrapped = ContextExecutors.wrap(pool);
    private Binding binding;

    @BeforeEach
    void bind() {
        pool.setRemoveOnCancelPolicy(true);
        binding = scope.bind();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        binding.close();
        assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).get())
                .as("an interrupt was left on the pool's thread")
                .isFalse();
        assertThat(pool.submit(CancelContext::currentOrNull).get())
                .as("a context was left on the pool's thread")
                .isNull();
        scope.close();
        Bounded.until(() -> time.pending() == 0);
        Bounded.until(() -> pool.getQueue().isEmpty());
        pool.shutdown();
    }

    private static void block() {
        try {
            new SynchronousQueue<Object>().take();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Test
    void aDelayedTaskSeesAChildOfTheSubmittersContext() throws Exception {
        ScheduledFuture<CancelContext> seen =
                wrapped.schedule(CancelContext::current, 1, TimeUnit.MILLISECONDS);
        CancelContext child = seen.get(30, TimeUnit.SECONDS);
        assertThat(child).isNotSameAs(scope);
        assertThat(child.value(TENANT)).isEqualTo("acme");
        assertThat(child.deadline()).isEqualTo(scope.deadline());
    }

    @Test
    void aDelayedTaskWhoseContextEndsLeavesTheQueueAndSaysWhy() {
        ScheduledFuture<?> task = wrapped.schedule(() -> {}, 1, TimeUnit.HOURS);
        assertThat(task.getDelay(TimeUnit.MINUTES)).isBetween(50L, 60L);
        time.advance(Duration.ofMinutes(1));
        assertThat(task.isCancelled()).isTrue();
        assertThat(pool.getQueue()).isEmpty();
        assertThatThrownBy(task::get)
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void aTaskScheduledUnderAnEndedContextIsNeverRun() {
        scope.cancel();
        AtomicInteger runs = new AtomicInteger();
        ScheduledFuture<?> once = wrapped.schedule(runs::incrementAndGet, 0, TimeUnit.NANOSECONDS);
        ScheduledFuture<?> often =
                wrapped.scheduleAtFixedRate(runs::incrementAndGet, 0, 1, TimeUnit.NANOSECONDS);
        assertThatThrownBy(once::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(often::get).isInstanceOf(CancellationException.class);
        assertThat(runs).hasValue(0);
    }

    @Test
    void cancellingADelayedTaskTakesItOutOfTheQueue() {
        ScheduledFuture<?> task = wrapped.schedule(() -> {}, 1, TimeUnit.HOURS);
        assertThat(task.cancel(false)).isTrue();
        assertThat(pool.getQueue()).isEmpty();
    }

    @Test
    void theContextsEndInterruptsARunningDelayedTask() {
        CountDownLatch running = new CountDownLatch(1);
        ScheduledFuture<?> task =
                wrapped.schedule(
                        () -> {
                            running.countDown();
                            block();
                        },
                        0,
                        TimeUnit.NANOSECONDS);
        Bounded.await(running);
        time.advance(Duration.ofMinutes(1));
        assertThatThrownBy(task::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void everyRunOfASeriesHasAContextOfItsOwnBelowTheSeries() {
        List<CancelContext> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch twice = new CountDownLatch(2);
        ScheduledFuture<?> series =
                wrapped.scheduleWithFixedDelay(
                        () -> {
                            seen.add(CancelContext.current());
                            twice.countDown();
                        },
                        0,
                        1,
                        TimeUnit.NANOSECONDS);
        Bounded.await(twice);
        assertThat(seen.get(0)).isNotSameAs(seen.get(1));
        assertThat(seen.get(1).value(TENANT)).isEqualTo("acme");
        assertThat(series.isDone()).isFalse();
        assertThat(series.cancel(true)).isTrue();
    }

    @Test
    void theContextsEndInterruptsTheRunAndEndsTheSeries() {
        CountDownLatch running = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        ScheduledFuture<?> series =
                wrapped.scheduleAtFixedRate(
                        () -> {
                            runs.incrementAndGet();
                            running.countDown();
                            block();
                        },
                        0,
                        1,
                        TimeUnit.NANOSECONDS);
        Bounded.await(running);
        time.advance(Duration.ofMinutes(1));
        assertThatThrownBy(series::get)
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
        assertThat(runs).hasValue(1);
    }

    @Test
    void aRunThatFailsEndsTheSeriesAndItsFutureTells() {
        IllegalStateException mine = new IllegalStateException("mine");
        ScheduledFuture<?> series =
                wrapped.scheduleAtFixedRate(
                        () -> {
                            throw mine;
                        },
                        0,
                        1,
                        TimeUnit.NANOSECONDS);
        assertThatThrownBy(series::get).isInstanceOf(ExecutionException.class).hasCause(mine);
    }

    @Test
    void cancellingASeriesStopsTheRunThatIsUnderWay() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        ScheduledFuture<?> series =
                wrapped.scheduleAtFixedRate(
                        () -> {
                            running.countDown();
                            try {
                                block();
                            } finally {
                                stopped.countDown();
                            }
                        },
                        0,
                        1,
                        TimeUnit.NANOSECONDS);
        Bounded.await(running);
        assertThat(series.cancel(true)).isTrue();
        Bounded.await(stopped);
        assertThat(series.isCancelled()).isTrue();
    }

    @Test
    void aDetachedSeriesOutlivesItsRequest() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        ScheduledFuture<?> series =
                ContextExecutors.wrap(pool, TaskPolicy.DETACHED)
                        .scheduleWithFixedDelay(
                                () -> {
                                    if (begun.getCount() > 0) {
                                        begun.countDown();
                                        Bounded.await(gate);
                                    } else {
                                        after.countDown();
                                    }
                                },
                                0,
                                1,
                                TimeUnit.NANOSECONDS);
        Bounded.await(begun);
        scope.cancel();
        gate.countDown();
        Bounded.await(after);
        assertThat(series.cancel(true)).isTrue();
    }

    @Test
    void aTaskTheSchedulerDoesNotTakeLeavesNothingBehind() {
        ScheduledThreadPoolExecutor closed = new ScheduledThreadPoolExecutor(1);
        closed.shutdown();
        ScheduledExecutorService refusing =
                ContextExecutors.wrap(closed, TaskPolicy.OUTLIVE_COMPLETION);
        int before = time.pending();
        assertThatThrownBy(() -> refusing.schedule(() -> 1, 1, TimeUnit.HOURS))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> refusing.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(time.pending()).as("deadlines of tasks that are none").isEqualTo(before);
    }
}
