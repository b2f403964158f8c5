// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.Key;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** On one platform thread, so that a task can be kept queued by another. */
class ContextExecutorsTest {

    private static final Key<String> TENANT = Key.named("tenant");

    private final ManualRuntime time = new ManualRuntime();
    private final CancelScope scope =
            time.background().with(TENANT, "acme").withTimeout(Duration.ofMinutes(1));
    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final CountDownLatch poolIsFree = new CountDownLatch(1);
    private Binding binding;

    @BeforeEach
    void bind() {
        binding = scope.bind();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        binding.close();
        poolIsFree.countDown();
        assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).get())
                .as("an interrupt was left on the pool's thread")
                .isFalse();
        assertThat(pool.submit(CancelContext::currentOrNull).get())
                .as("a context was left on the pool's thread")
                .isNull();
        pool.shutdown();
        scope.close();
        Bounded.until(() -> time.pending() == 0);
    }

    private void occupyThePool() {
        pool.execute(() -> Bounded.await(poolIsFree));
    }

    private static <T> T blockForever() throws InterruptedException {
        new SynchronousQueue<T>().take();
        throw new AssertionError("nobody ever puts anything there");
    }

    // ---- executor services

    @Test
    void aTaskSeesAChildOfTheSubmittersContext() throws Exception {
        Future<CancelContext> seen = ContextExecutors.wrap(pool).submit(CancelContext::current);
        CancelContext child = seen.get();
        assertThat(child).isNotSameAs(scope);
        assertThat(child.value(TENANT)).isEqualTo("acme");
        assertThat(child.deadline()).isEqualTo(scope.deadline());
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void theContextsEndInterruptsARunningTask() {
        CountDownLatch running = new CountDownLatch(1);
        Future<Object> task =
                ContextExecutors.wrap(pool)
                        .submit(
                                () -> {
                                    running.countDown();
                                    return blockForever();
                                });
        Bounded.await(running);
        time.advance(Duration.ofMinutes(1));
        assertThatThrownBy(task::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(DeadlineExceededException.class)
                .satisfies(
                        e ->
                                assertThat(e.getSuppressed()[0])
                                        .isInstanceOf(InterruptedException.class));
    }

    @Test
    void theContextsEndCancelsAQueuedTaskAndSaysWhy() throws Exception {
        occupyThePool();
        AtomicBoolean ran = new AtomicBoolean();
        Future<?> task = ContextExecutors.wrap(pool).submit(() -> ran.set(true));
        time.advance(Duration.ofMinutes(1));
        assertThat(task.isCancelled()).isTrue();
        assertThatThrownBy(task::get)
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
        poolIsFree.countDown();
        pool.submit(() -> {}).get();
        assertThat(ran).isFalse();
    }

    @Test
    void cancellingTheFutureStopsTheTaskAndWhatItStarted() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicReference<CancelContext> inner = new AtomicReference<>();
        Future<Object> task =
                ContextExecutors.wrap(pool)
                        .submit(
                                () -> {
                                    inner.set(CancelContext.current());
                                    running.countDown();
                                    try {
                                        return blockForever();
                                    } finally {
                                        stopped.countDown();
                                    }
                                });
        Bounded.await(running);
        assertThat(task.cancel(true)).isTrue();
        Bounded.await(stopped);
        assertThat(inner.get().isCancelled()).isTrue();
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void cancelWithoutInterruptLeavesARunningTaskAlone() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Boolean> wanted = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        Future<?> task =
                ContextExecutors.wrap(pool)
                        .submit(
                                () -> {
                                    running.countDown();
                                    Bounded.await(goOn);
                                    wanted.set(!CancelContext.current().isCancelled());
                                    ended.countDown();
                                });
        Bounded.await(running);
        assertThat(task.cancel(false)).isTrue();
        goOn.countDown();
        Bounded.await(ended);
        assertThat(wanted).hasValue(true);
    }

    @Test
    void aResultAfterTheDeadlineIsNone() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Future<String> task =
                ContextExecutors.wrap(pool)
                        .submit(
                                () -> {
                                    running.countDown();
                                    Bounded.await(goOn);
                                    return "too late";
                                });
        Bounded.await(running);
        time.advanceStarved(Duration.ofMinutes(1));
        goOn.countDown();
        assertThatThrownBy(task::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void aTaskWithoutAContextCanStillBeStoppedByItsFuture() throws Exception {
        binding.close();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Future<?> task =
                ContextExecutors.wrap(pool)
                        .submit(
                                () -> {
                                    running.countDown();
                                    CancelContext.current().onCancel(stopped::countDown);
                                    return blockForever();
                                });
        Bounded.await(running);
        task.cancel(true);
        Bounded.await(stopped);
    }

    @Test
    void manyTasksAtOnceCarryTheContextToo() throws Exception {
        ExecutorService wrapped = ContextExecutors.wrap(pool);
        Callable<String> tenant = () -> CancelContext.current().value(TENANT);
        for (Future<String> one : wrapped.invokeAll(List.of(tenant, tenant, tenant))) {
            assertThat(one.get()).isEqualTo("acme");
        }
        assertThat(wrapped.invokeAny(List.of(tenant, tenant))).isEqualTo("acme");
    }

    // ---- policies

    @Test
    void byPolicyATaskOutlivesTheSubmittersCompletionButNotItsDeadline() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        AtomicReference<CancelContext> seen = new AtomicReference<>();
        Future<Object> task =
                ContextExecutors.wrap(pool, TaskPolicy.OUTLIVE_COMPLETION)
                        .submit(
                                () -> {
                                    seen.set(CancelContext.current());
                                    running.countDown();
                                    return blockForever();
                                });
        Bounded.await(running);
        scope.complete();
        assertThat(seen.get().isCancelled()).isFalse();
        time.advance(Duration.ofMinutes(1));
        assertThatThrownBy(task::get).hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void aDetachedTaskKeepsOnlyTheValues() throws Exception {
        Future<CancelContext> task =
                ContextExecutors.wrap(pool, TaskPolicy.DETACHED)
                        .submit(
                                () -> {
                                    scope.cancel();
                                    CancelContext.current().throwIfCancelled();
                                    return CancelContext.current();
                                });
        assertThat(task.get().value(TENANT)).isEqualTo("acme");
        assertThat(task.get().deadline()).isNull();
    }

    // ---- plain executors

    @Test
    void aPlainTaskWhoseContextEndedInTheQueueIsRunAndInterruptedWhenItWaits() {
        occupyThePool();
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        ContextExecutors.wrap((java.util.concurrent.Executor) pool)
                .execute(
                        () -> {
                            try {
                                Thread.sleep(Long.MAX_VALUE);
                            } catch (InterruptedException e) {
                                interrupted.set(true);
                            } finally {
                                ended.countDown();
                            }
                        });
        scope.cancel();
        poolIsFree.countDown();
        Bounded.await(ended);
        assertThat(interrupted).isTrue();
    }

    @Test
    void aForeignFutureWhoseContextEndedInTheQueueIsCancelled() {
        occupyThePool();
        FutureTask<Integer> foreign = new FutureTask<>(() -> 1);
        ContextExecutors.wrap((java.util.concurrent.Executor) pool).execute(foreign);
        scope.cancel();
        poolIsFree.countDown();
        Bounded.until(foreign::isDone);
        assertThat(foreign.isCancelled()).isTrue();
    }

    @Test
    void aTaskTheExecutorDoesNotTakeLeavesNothingBehind() {
        ExecutorService closed = Executors.newSingleThreadExecutor();
        closed.shutdown();
        ExecutorService wrapped = ContextExecutors.wrap(closed, TaskPolicy.OUTLIVE_COMPLETION);
        int before = time.pending();
        assertThatThrownBy(() -> wrapped.submit(() -> 1))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> wrapped.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(
                        () ->
                                ContextExecutors.supplyAsync(
                                        () -> 1, closed, TaskPolicy.OUTLIVE_COMPLETION))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(time.pending()).as("deadlines of tasks that are none").isEqualTo(before);
    }

    // ---- wrapped tasks

    @Test
    void aWrappedCallableIsNotRunOnceItsContextHasEnded() throws Exception {
        AtomicBoolean ran = new AtomicBoolean();
        Callable<Boolean> wrapped =
                ContextExecutors.wrap(() -> ran.getAndSet(true), TaskPolicy.FOLLOW);
        scope.cancel("over");
        assertThatThrownBy(() -> Bounded.get(Bounded.fork(wrapped)))
                .hasCauseInstanceOf(CancelledException.class);
        assertThat(ran).isFalse();
    }

    @Test
    void aWrappedRunnableCarriesTheContextOnce() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        Runnable wrapped =
                ContextExecutors.wrap(
                        () -> seen.set(CancelContext.current().value(TENANT)), TaskPolicy.FOLLOW);
        pool.submit(wrapped).get();
        assertThat(seen).hasValue("acme");
    }

    // ---- completable futures

    @Test
    void aCompletableFutureCarriesResultAndFailure() {
        assertThat(
                        ContextExecutors.supplyAsync(
                                        () -> CancelContext.current().value(TENANT),
                                        pool,
                                        TaskPolicy.FOLLOW)
                                .join())
                .isEqualTo("acme");
        IllegalStateException mine = new IllegalStateException("mine");
        assertThatThrownBy(
                        () ->
                                ContextExecutors.supplyAsync(
                                                () -> {
                                                    throw mine;
                                                },
                                                pool,
                                                TaskPolicy.FOLLOW)
                                        .join())
                .isInstanceOf(CompletionException.class)
                .hasCause(mine);
    }

    @Test
    void cancellingACompletableFutureStopsItsTask() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        CompletableFuture<Object> future =
                ContextExecutors.supplyAsync(
                        () -> {
                            running.countDown();
                            try {
                                return blockForever();
                            } catch (InterruptedException e) {
                                stopped.countDown();
                                throw new IllegalStateException(e);
                            }
                        },
                        pool,
                        TaskPolicy.FOLLOW);
        Bounded.await(running);
        future.cancel(true);
        Bounded.await(stopped);
    }

    @Test
    void aQueuedCompletableFutureFailsAtOnceWhenItsContextEnds() {
        occupyThePool();
        CompletableFuture<Integer> future =
                ContextExecutors.supplyAsync(() -> 1, pool, TaskPolicy.FOLLOW);
        time.advance(Duration.ofMinutes(1));
        assertThatThrownBy(future::join).hasCauseInstanceOf(DeadlineExceededException.class);
    }
}
