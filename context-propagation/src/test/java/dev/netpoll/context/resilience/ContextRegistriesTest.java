// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.TaskPolicy;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.bulkhead.ThreadPoolBulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Real registries, wrapped. */
class ContextRegistriesTest {

    private static final int BOUND_SECONDS = 30;

    private static final ExecutorService POOL = Executors.newVirtualThreadPerTaskExecutor();
    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().daemon().unstarted(task));

    @BeforeAll
    static void boundPauses() {
        ContextRetry.boundPauses();
    }

    @AfterAll
    static void stop() {
        TIMER.shutdownNow();
        POOL.shutdownNow();
    }

    private static Throwable failureOf(CompletionStage<?> stage) throws Exception {
        try {
            return new AssertionError(
                    "It has answered "
                            + stage.toCompletableFuture().get(BOUND_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Work that hangs until it is interrupted, or released, and tells. */
    private static final class Hanging {
        private final CountDownLatch running = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile boolean interrupted;

        String run() {
            running.countDown();
            try {
                release.await();
                return "released";
            } catch (InterruptedException e) {
                interrupted = true;
                throw new IllegalStateException(e);
            } finally {
                ended.countDown();
            }
        }

        /** Ignores every interrupt. */
        String runStubbornly() {
            running.countDown();
            boolean released = false;
            while (!released) {
                try {
                    release.await();
                    released = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            ended.countDown();
            return "released";
        }
    }

    private static CompletionStage<String> start(java.util.function.Supplier<String> work) {
        return ContextExecutors.supplyAsync(work, POOL, TaskPolicy.FOLLOW);
    }

    /** Runs already when its limit begins: what its limit finds in a queue is never begun. */
    private static CompletionStage<String> startAndAwait(Hanging work) {
        CompletionStage<String> stage = start(work::run);
        Bounded.await(work.running);
        return stage;
    }

    // ---- retry

    private static Retry retry(Duration pause) {
        RetryRegistry registry =
                RetryRegistry.of(RetryConfig.custom().maxAttempts(3).waitDuration(pause).build());
        return ContextRegistries.wrap(registry).retry("r");
    }

    @Test
    void aRetryTriesAgainUnderAContext() {
        AtomicInteger attempts = new AtomicInteger();
        String result =
                CancelContext.background()
                        .call(
                                () ->
                                        retry(Duration.ofMillis(1))
                                                .executeSupplier(
                                                        () -> {
                                                            if (attempts.incrementAndGet() < 3) {
                                                                throw new IllegalStateException();
                                                            }
                                                            return "third";
                                                        }));
        assertThat(result).isEqualTo("third");
    }

    @Test
    void aCancelledCallIsNotRetried() {
        AtomicInteger attempts = new AtomicInteger();
        CancelScope scope = CancelContext.background().withCancel();
        assertThatThrownBy(
                        () ->
                                scope.run(
                                        () ->
                                                retry(Duration.ofMillis(1))
                                                        .executeRunnable(
                                                                () -> {
                                                                    attempts.incrementAndGet();
                                                                    scope.cancel("enough");
                                                                    scope.throwIfCancelled();
                                                                })))
                .isExactlyInstanceOf(CancelledException.class);
        assertThat(attempts).hasValue(1);
    }

    /** Were the pause begun, the test would take an hour. */
    @Test
    void aPauseThatWouldOutlastTheDeadlineIsNotBegun() {
        AtomicInteger attempts = new AtomicInteger();
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMinutes(30))) {
            assertThatThrownBy(
                            () ->
                                    scope.run(
                                            () ->
                                                    retry(Duration.ofHours(1))
                                                            .executeRunnable(
                                                                    () -> {
                                                                        attempts.incrementAndGet();
                                                                        throw new IllegalStateException(
                                                                                "its own");
                                                                    })))
                    .hasMessage("its own");
            assertThat(scope.isCancelled()).isFalse();
        }
        assertThat(attempts).hasValue(1);
    }

    @Test
    void aCancelEndsAPause() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        try (CancelScope scope = CancelContext.background().withCancel()) {
            FutureTask<Object> call =
                    Bounded.fork(
                            scope.wrap(
                                    () ->
                                            retry(Duration.ofHours(1))
                                                    .executeCallable(
                                                            () -> {
                                                                failed.countDown();
                                                                throw new IllegalStateException(
                                                                        "its own");
                                                            })));
            Bounded.await(failed);
            scope.cancel("enough");
            assertThatThrownBy(() -> Bounded.get(call)).hasRootCauseMessage("its own");
        }
    }

    @Test
    void anAsynchronousRetryKeepsToTheDeadlineAndItsAttemptsToTheContext() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMinutes(30))) {
            CompletionStage<String> quick =
                    scope.call(
                            () ->
                                    retry(Duration.ofMillis(1))
                                            .executeCompletionStage(
                                                    TIMER,
                                                    () ->
                                                            attempts.incrementAndGet() < 2
                                                                    ? CompletableFuture
                                                                            .failedFuture(
                                                                                    new IllegalStateException())
                                                                    : CompletableFuture
                                                                            .completedFuture(
                                                                                    "same: "
                                                                                            + (CancelContext
                                                                                                            .currentOrNull()
                                                                                                    == scope))));
            assertThat(quick.toCompletableFuture().get(BOUND_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo("same: true");
            CompletionStage<String> slow =
                    scope.call(
                            () ->
                                    retry(Duration.ofHours(1))
                                            .executeCompletionStage(
                                                    TIMER,
                                                    () ->
                                                            CompletableFuture.failedFuture(
                                                                    new IllegalStateException(
                                                                            "its own"))));
            assertThat(failureOf(slow)).hasMessage("its own");
        }
    }

    // ---- time limiter

    private static TimeLimiter limiter(Duration limit) {
        TimeLimiterRegistry registry =
                TimeLimiterRegistry.of(TimeLimiterConfig.custom().timeoutDuration(limit).build());
        return ContextRegistries.wrap(registry).timeLimiter("t");
    }

    @Test
    void aLimitStopsTheWorkAndNotOnlyItsFuture() throws Exception {
        Hanging work = new Hanging();
        CompletionStage<String> stage =
                limiter(Duration.ofMillis(100))
                        .executeCompletionStage(
                                TIMER, () -> startAndAwait(work).toCompletableFuture());
        assertThat(failureOf(stage)).isInstanceOf(TimeoutException.class);
        Bounded.await(work.running);
        Bounded.await(work.ended);
        assertThat(work.interrupted).isTrue();
    }

    @Test
    void theDeadlineEndsALimitedCallBeforeItsLimit() throws Exception {
        Hanging work = new Hanging();
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(200))) {
            CompletionStage<String> stage =
                    scope.call(
                            () ->
                                    limiter(Duration.ofHours(1))
                                            .executeCompletionStage(
                                                    TIMER,
                                                    () -> start(work::run).toCompletableFuture()));
            assertThat(failureOf(stage)).isInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void theDeadlineEndsALimitedWait() {
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(200))) {
            assertThatThrownBy(
                            () ->
                                    scope.call(
                                            () ->
                                                    limiter(Duration.ofHours(1))
                                                            .executeFutureSupplier(
                                                                    CompletableFuture::new)))
                    .isInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void aLimitedWaitStopsTheWorkAtItsLimit() throws Exception {
        Hanging work = new Hanging();
        assertThatThrownBy(
                        () ->
                                limiter(Duration.ofMillis(100))
                                        .executeFutureSupplier(
                                                () -> startAndAwait(work).toCompletableFuture()))
                .isInstanceOf(TimeoutException.class);
        Bounded.await(work.running);
        Bounded.await(work.ended);
        assertThat(work.interrupted).isTrue();
    }

    @Test
    void workWithinItsLimitIsAnswered() throws Exception {
        assertThat(
                        limiter(Duration.ofHours(1))
                                .executeFutureSupplier(
                                        () -> start(() -> "done").toCompletableFuture()))
                .isEqualTo("done");
    }

    // ---- bulkhead

    private static Bulkhead bulkhead(Duration wait) {
        BulkheadRegistry registry =
                BulkheadRegistry.of(
                        BulkheadConfig.custom()
                                .maxConcurrentCalls(1)
                                .maxWaitDuration(wait)
                                .build());
        return ContextRegistries.wrap(registry).bulkhead("b");
    }

    @Test
    void aPermitIsHeldUntilTheWorkHasReallyEnded() throws Exception {
        Bulkhead bulkhead = bulkhead(Duration.ZERO);
        Hanging work = new Hanging();
        CompletableFuture<String>[] inner = new CompletableFuture[1];
        CompletionStage<String> stage =
                bulkhead.executeCompletionStage(
                        () -> {
                            inner[0] = start(work::runStubbornly).toCompletableFuture();
                            return inner[0];
                        });
        Bounded.await(work.running);
        inner[0].cancel(true);
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isZero();
        assertThat(failureOf(bulkhead.executeCompletionStage(() -> start(() -> "second"))))
                .isInstanceOf(BulkheadFullException.class);
        work.release.countDown();
        Bounded.until(() -> bulkhead.getMetrics().getAvailableConcurrentCalls() == 1);
    }

    @Test
    void aPermitGoesBackWhenTheWorkIsDone() throws Exception {
        Bulkhead bulkhead = bulkhead(Duration.ZERO);
        assertThat(
                        bulkhead.executeCompletionStage(() -> start(() -> "done"))
                                .toCompletableFuture()
                                .get(BOUND_SECONDS, TimeUnit.SECONDS))
                .isEqualTo("done");
        Bounded.until(() -> bulkhead.getMetrics().getAvailableConcurrentCalls() == 1);
    }

    @Test
    void waitingForAPermitEndsWithTheContext() throws Exception {
        Bulkhead bulkhead = bulkhead(Duration.ofHours(1));
        bulkhead.acquirePermission();
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(100))) {
            FutureTask<String> call =
                    Bounded.fork(scope.wrap(() -> bulkhead.executeCallable(() -> "in")));
            assertThatThrownBy(() -> Bounded.get(call))
                    .hasCauseInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void aPoolsTaskIsInterruptedByTheEndOfItsSubmittersContext() throws Exception {
        Hanging work = new Hanging();
        try (var pools = ThreadPoolBulkheadRegistry.ofDefaults();
                CancelScope scope = CancelContext.background().withCancel()) {
            var bulkhead = ContextRegistries.wrap(pools).bulkhead("p");
            CompletionStage<String> stage = scope.call(() -> bulkhead.executeCallable(work::run));
            Bounded.await(work.running);
            scope.cancel("enough");
            assertThat(failureOf(stage)).isInstanceOf(CancelledException.class);
            Bounded.await(work.ended);
            assertThat(work.interrupted).isTrue();
        }
    }

    // ---- circuit breaker

    private static final CancelCause LEFT =
            new CancelCause.ClientDisconnected(CancelCause.ClientDisconnected.How.FIN, null);

    private static CircuitBreaker breaker() {
        return ContextRegistries.wrap(CircuitBreakerRegistry.ofDefaults()).circuitBreaker("c");
    }

    @Test
    void aClientsLeavingIsNoFailure() {
        CircuitBreaker breaker = breaker();
        CancelScope scope = CancelContext.background().withCancel();
        assertThatThrownBy(
                        () ->
                                scope.run(
                                        () ->
                                                breaker.executeRunnable(
                                                        () -> {
                                                            scope.cancel(LEFT);
                                                            throw new IllegalStateException(
                                                                    "closed by interrupt");
                                                        })))
                .isInstanceOf(IllegalStateException.class);
        assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
    }

    @Test
    void aCancelOnAnotherThreadIsNoFailureEither() throws Exception {
        CircuitBreaker breaker = breaker();
        CompletableFuture<String> call = new CompletableFuture<>();
        CompletionStage<String> stage = breaker.executeCompletionStage(() -> call);
        call.completeExceptionally(new CancelledException(LEFT));
        assertThat(failureOf(stage)).isInstanceOf(CancelledException.class);
        assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
    }

    @Test
    void aDeadlineThatPassesDuringTheCallIsAFailure() {
        CircuitBreaker breaker = breaker();
        ManualRuntime time = new ManualRuntime();
        Duration limit = Duration.ofMillis(50);
        try (CancelScope scope = time.background().withTimeout(limit)) {
            assertThatThrownBy(
                            () ->
                                    scope.call(
                                            () ->
                                                    breaker.executeCallable(
                                                            () -> {
                                                                time.advance(limit);
                                                                scope.throwIfCancelled();
                                                                return "never";
                                                            })))
                    .isInstanceOf(DeadlineExceededException.class);
        }
        assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
    }

    @Test
    void underAnEndedContextNoCallIsBegun() {
        CircuitBreaker breaker = breaker();
        CancelScope scope = CancelContext.background().withTimeout(Duration.ZERO);
        assertThatThrownBy(
                        () -> scope.run(() -> breaker.executeRunnable(() -> fail("it was begun"))))
                .isInstanceOf(DeadlineExceededException.class);
        assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isZero();
    }

    private static void fail(String why) {
        throw new AssertionError(why);
    }

    @Test
    void othersFailuresAreFailures() {
        CircuitBreaker breaker = breaker();
        assertThatThrownBy(
                        () ->
                                CancelContext.background()
                                        .run(
                                                () ->
                                                        breaker.executeRunnable(
                                                                () -> {
                                                                    throw new IllegalStateException(
                                                                            "its own");
                                                                })))
                .hasMessage("its own");
        assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
    }

    // ---- registries

    @Test
    void aRegistryIsWrappedOnceAndHandsOutTheSameInstance() {
        CircuitBreakerRegistry registry =
                ContextRegistries.wrap(CircuitBreakerRegistry.ofDefaults());
        assertThat(ContextRegistries.wrap(registry)).isSameAs(registry);
        assertThat(registry.circuitBreaker("x")).isSameAs(registry.circuitBreaker("x"));
        assertThat(registry.find("x")).containsSame(registry.circuitBreaker("x"));
        assertThat(registry.circuitBreaker("x").getName()).isEqualTo("x");
    }
}
