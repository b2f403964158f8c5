// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicReference;

class InterruptScopeTest {

    private final CancelScope scope = CancelContext.background().withCancel();

    @AfterEach
    void noInterruptIsLeft() {
        scope.close();
        assertThat(Thread.interrupted()).as("an interrupt leaked into the test's thread").isFalse();
        assertThat(scope.memberCount()).isZero();
    }

    @Test
    void theEndOfTheContextInterruptsTheThread() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        FutureTask<Boolean> blocked =
                Bounded.fork(
                        () -> {
                            try (InterruptScope interrupts = InterruptScope.open(scope)) {
                                open.countDown();
                                assertThatThrownBy(() -> new SynchronousQueue<>().take())
                                        .isInstanceOf(InterruptedException.class);
                                assertThat(interrupts.interrupted()).isTrue();
                            }
                            return Thread.interrupted();
                        });
        Bounded.await(open);
        scope.cancel();
        assertThat(Bounded.get(blocked)).as("left behind").isFalse();
    }

    @Test
    void anInterruptNobodyTookGoesWithTheScope() {
        try (InterruptScope _ = InterruptScope.open(scope)) {
            scope.cancel();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anEndAfterTheScopeDoesNotInterrupt() {
        InterruptScope.open(scope).close();
        scope.cancel();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aContextThatHasEndedInterruptsAtOnce() {
        scope.cancel();
        try (InterruptScope interrupts = InterruptScope.open(scope)) {
            assertThat(interrupts.interrupted()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
    }

    @Test
    void anInnerScopeLeavesTheOuterOnesInterrupt() {
        try (InterruptScope _ = InterruptScope.open(scope)) {
            try (CancelScope child = scope.withCancel();
                    InterruptScope _ = InterruptScope.open(child)) {
                scope.cancel();
            }
            assertThat(Thread.currentThread().isInterrupted()).as("the outer one's").isTrue();
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anInnerScopesOwnInterruptDoesNotReachTheOuterOne() {
        try (InterruptScope outer = InterruptScope.open(scope)) {
            try (CancelScope child = scope.withCancel();
                    InterruptScope _ = InterruptScope.open(child)) {
                child.cancel();
            }
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(outer.interrupted()).isFalse();
        }
    }

    @Test
    void anInterruptFromElsewhereStays() {
        try (InterruptScope _ = InterruptScope.open(scope)) {
            Thread.currentThread().interrupt();
            scope.cancel();
        }
        assertThat(Thread.interrupted()).as("it was there first").isTrue();
    }

    @Test
    void aForeignInterruptThatWasTakenIsNotMadeUpAgain() throws Exception {
        Thread.currentThread().interrupt();
        try (InterruptScope _ = InterruptScope.open(scope)) {
            assertThat(Thread.interrupted()).as("the code took it").isTrue();
            scope.cancel();
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void onlyItsThreadClosesIt() throws Exception {
        try (InterruptScope interrupts = InterruptScope.open(scope)) {
            FutureTask<Boolean> foreign =
                    Bounded.fork(
                            () -> {
                                assertThatThrownBy(interrupts::close)
                                        .isInstanceOf(IllegalStateException.class);
                                return true;
                            });
            assertThat(Bounded.get(foreign)).isTrue();
        }
    }

    // ---- the shield

    @Test
    void aShieldHoldsTheInterruptUntilItsEnd() {
        try (InterruptScope interrupts = InterruptScope.open(scope)) {
            try (InterruptShield _ = InterruptShield.open()) {
                scope.cancel();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                assertThat(interrupts.interrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(interrupts.interrupted()).isTrue();
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aShieldTakesAnInterruptOffThatHadJustCome() {
        try (InterruptScope _ = InterruptScope.open(scope)) {
            scope.cancel();
            try (InterruptShield _ = InterruptShield.open()) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
    }

    @Test
    void aReleasedShieldLetsTheInterruptThroughFromAnotherThread() throws Exception {
        CountDownLatch shielded = new CountDownLatch(1);
        AtomicReference<InterruptShield> shield = new AtomicReference<>();
        FutureTask<Boolean> blocked =
                Bounded.fork(
                        () -> {
                            try (InterruptScope _ = InterruptScope.open(scope);
                                    InterruptShield mine = InterruptShield.open()) {
                                shield.set(mine);
                                shielded.countDown();
                                assertThatThrownBy(() -> new SynchronousQueue<>().take())
                                        .isInstanceOf(InterruptedException.class);
                            }
                            return Thread.interrupted();
                        });
        Bounded.await(shielded);
        scope.cancel();
        assertThat(blocked.isDone()).isFalse();
        shield.get().release();
        assertThat(Bounded.get(blocked)).as("left behind").isFalse();
    }

    @Test
    void shieldsNest() {
        try (InterruptScope _ = InterruptScope.open(scope)) {
            try (InterruptShield _ = InterruptShield.open()) {
                try (InterruptShield _ = InterruptShield.open()) {
                    scope.cancel();
                }
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
    }

    @Test
    void aReleaseAfterTheEndTouchesNobody() {
        InterruptShield shield = InterruptShield.open();
        shield.close();
        try (InterruptScope _ = InterruptScope.open(scope);
                InterruptShield _ = InterruptShield.open()) {
            scope.cancel();
            shield.release();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    // ---- calls and waits

    @Test
    void aCallThatFailsBecauseOfTheInterruptSaysWhyInstead() {
        scope.cancel("enough");
        assertThatThrownBy(() -> scope.callInterruptibly(() -> new SynchronousQueue<>().take()))
                .isInstanceOf(CancelledException.class)
                .hasMessage("enough")
                .satisfies(
                        e ->
                                assertThat(e.getSuppressed()[0])
                                        .isInstanceOf(InterruptedException.class));
    }

    @Test
    void aCallThatFailsByItselfKeepsItsError() {
        assertThatThrownBy(
                        () ->
                                scope.callInterruptibly(
                                        () -> {
                                            throw new IOException("mine");
                                        }))
                .isInstanceOf(IOException.class);
    }

    @Test
    void sleepersWakeByTheirContextsOwnTime() throws Exception {
        ManualRuntime time = new ManualRuntime();
        CancelScope timed = time.background().withCancel();
        FutureTask<Boolean> sleeper =
                Bounded.fork(
                        () -> {
                            timed.sleep(Duration.ofHours(1));
                            return timed.isCancelled();
                        });
        Bounded.until(() -> time.pending() == 1);
        time.advance(Duration.ofHours(1));
        assertThat(Bounded.get(sleeper)).isFalse();
        assertThat(time.pending()).isZero();
        assertThat(timed.memberCount()).isZero();
    }

    @Test
    void sleepersWakeWithAnErrorWhenTheirContextEnds() throws Exception {
        ManualRuntime time = new ManualRuntime();
        CancelScope timed = time.background().withTimeout(Duration.ofMinutes(1));
        FutureTask<Boolean> sleeper =
                Bounded.fork(
                        () -> {
                            assertThatThrownBy(() -> timed.sleep(Duration.ofHours(1)))
                                    .isInstanceOf(DeadlineExceededException.class);
                            return true;
                        });
        Bounded.until(() -> time.pending() == 2);
        time.advance(Duration.ofMinutes(1));
        assertThat(Bounded.get(sleeper)).isTrue();
        Bounded.until(() -> time.pending() == 0);
    }

    @Test
    void whoAwaitsTheEndIsToldTheCause() throws Exception {
        FutureTask<CancelCause> waiter = Bounded.fork(scope::awaitCancelled);
        Bounded.until(() -> scope.memberCount() == 1);
        scope.cancel("over");
        assertThat(Bounded.get(waiter).message()).isEqualTo("over");
        assertThat(scope.awaitCancelled(Duration.ZERO)).as("at once").isNotNull();
    }
}
