// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause.CancelledByCode;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

class CancelHookTest {

    private final CancelScope scope = CancelContext.background().withCancel();

    @AfterEach
    void nothingIsLeft() {
        scope.close();
        assertThat(scope.memberCount()).isZero();
    }

    @Test
    void anActionRunsOnceOnAVirtualThreadOfItsOwn() {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicReference<Thread> runner = new AtomicReference<>();
        CancelHook hook =
                scope.onCancel(
                        () -> {
                            runner.set(Thread.currentThread());
                            ran.countDown();
                        });
        scope.cancel();
        Bounded.await(ran);
        assertThat(runner.get()).isNotSameAs(Thread.currentThread());
        assertThat(runner.get().isVirtual()).isTrue();
        assertThat(hook.stop()).as("too late to prevent it").isFalse();
    }

    @Test
    void anActionOnAnEndedContextRunsAtOnce() {
        scope.cancel("before");
        CountDownLatch ran = new CountDownLatch(1);
        CancelHook hook = scope.onCancel(ran::countDown);
        Bounded.await(ran);
        assertThat(hook.stop()).isFalse();
        List<CancelCause> seen = new ArrayList<>();
        scope.onCancelInline(seen::add);
        assertThat(seen).containsExactly(new CancelledByCode("before"));
    }

    @Test
    void aStoppedActionNeverRuns() {
        List<CancelCause> seen = new ArrayList<>();
        CancelHook hook = scope.onCancelInline(seen::add);
        assertThat(hook.stop()).isTrue();
        assertThat(hook.stop()).as("only the first call prevented it").isFalse();
        assertThat(scope.memberCount()).isZero();
        scope.cancel();
        assertThat(seen).isEmpty();
    }

    @Test
    void stopDoesNotWaitForARunningActionAndStopAndAwaitDoes() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        CancelHook hook =
                scope.onCancel(
                        () -> {
                            begun.countDown();
                            Bounded.await(goOn);
                            done.incrementAndGet();
                        });
        scope.cancel();
        Bounded.await(begun);
        assertThat(hook.stop()).isFalse();
        assertThat(done).hasValue(0);

        FutureTask<Integer> fenced =
                Bounded.fork(
                        () -> {
                            assertThat(hook.stopAndAwait()).isFalse();
                            return done.get();
                        });
        assertThat(fenced.isDone()).isFalse();
        goOn.countDown();
        assertThat(Bounded.get(fenced)).as("the action's work is there after the fence").isOne();
    }

    @Test
    void anActionMayFenceItselfWithoutWaitingForItself() {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicReference<CancelHook> self = new AtomicReference<>();
        self.set(
                scope.onCancel(
                        () -> {
                            self.get().stopAndAwait();
                            ran.countDown();
                        }));
        scope.cancel();
        Bounded.await(ran);
    }

    @Test
    void theFenceKeepsAnInterrupt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CancelHook hook =
                scope.onCancel(
                        () -> {
                            begun.countDown();
                            Bounded.await(goOn);
                        });
        scope.cancel();
        Bounded.await(begun);
        FutureTask<Boolean> fenced =
                Bounded.fork(
                        () -> {
                            Thread.currentThread().interrupt();
                            goOn.countDown();
                            hook.stopAndAwait();
                            return Thread.currentThread().isInterrupted();
                        });
        assertThat(Bounded.get(fenced)).isTrue();
    }

    @Test
    void anActionThatThrowsDoesNotKeepTheOthersFromRunning() {
        CountDownLatch ran = new CountDownLatch(2);
        try (QuietLog log = new QuietLog(CancelHook.class)) {
            scope.onCancelInline(
                    _ -> {
                        throw new AssertionError("the first one fails");
                    });
            scope.onCancel(
                    () -> {
                        throw new IllegalStateException("the second one too");
                    });
            scope.onCancelInline(_ -> ran.countDown());
            scope.withCancel().onCancel(ran::countDown);
            assertThat(scope.cancel()).isTrue();
            Bounded.await(ran);
            log.awaitThrown("the first one fails", "the second one too");
        }
    }

    @Test
    void withoutAThreadTheCancellingThreadRunsTheActions() {
        List<CancelCause> seen = new ArrayList<>();
        CancelScope poor = CancelContext.background(new NoThreads()).withCancel();
        try (QuietLog _ = new QuietLog(CancelScope.class)) {
            poor.onCancel(seen::add);
            poor.cancel("now");
        }
        assertThat(seen).containsExactly(new CancelledByCode("now"));
    }

    @Test
    void inlineActionsHaveRunWhenCancelReturnsInTheOrderTheyCame() {
        List<String> order = new ArrayList<>();
        scope.onCancelInline(_ -> order.add("first"));
        CancelScope child = scope.withCancel();
        child.onCancelInline(_ -> order.add("below"));
        scope.onCancelInline(_ -> order.add("second"));
        scope.cancel();
        assertThat(order).containsExactly("first", "second", "below");
    }

    @Test
    void aContextThatNeverEndsKeepsNoActions() {
        CancelHook hook = CancelContext.background().onCancel(() -> {});
        assertThat(hook.holder).isNull();
        assertThat(hook.stop()).isTrue();
    }

    private record NoThreads() implements ContextRuntime {

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Timeout schedule(long atNanos, Runnable expiry) {
            return () -> {};
        }

        @Override
        public void start(Runnable action) {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }
}
