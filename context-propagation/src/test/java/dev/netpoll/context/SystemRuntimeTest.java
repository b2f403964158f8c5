// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** With the JVM's own clock and timer. */
class SystemRuntimeTest {

    @Test
    void aDeadlineRunsTheHooksOnAVirtualThread() {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicBoolean virtual = new AtomicBoolean();
        try (CancelScope scope = CancelContext.background().withTimeout(Duration.ofMillis(5))) {
            scope.onCancelInline(
                    _ -> {
                        virtual.set(Thread.currentThread().isVirtual());
                        ran.countDown();
                    });
            Bounded.await(ran);
            assertThat(virtual).as("nothing runs on the timer's thread").isTrue();
            assertThat(scope.isDeadlineExceeded()).isTrue();
        }
    }

    /** More spinning threads than cores, so that the timer comes late and later. */
    @Test
    void ofAThousandWhoEndAfterTheirDeadlineNoneSucceeds() {
        AtomicBoolean goOn = new AtomicBoolean(true);
        List<Thread> spinners = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            spinners.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (goOn.get()) {
                                            Thread.onSpinWait();
                                        }
                                    }));
        }
        AtomicInteger exceeded = new AtomicInteger();
        try {
            for (int i = 0; i < 1_000; i++) {
                Duration timeout = Duration.ofNanos(100_000);
                CancelScope scope = CancelContext.background().withTimeout(timeout);
                CancelScope work = scope.withCancel();
                long deadline = System.nanoTime() + timeout.toNanos();
                while (System.nanoTime() - deadline < 0) {
                    Thread.onSpinWait();
                }
                if (!work.tryComplete() && work.isDeadlineExceeded() && !scope.tryComplete()) {
                    exceeded.incrementAndGet();
                }
            }
        } finally {
            goOn.set(false);
        }
        spinners.forEach(Bounded::join);
        assertThat(exceeded).hasValue(1_000);
    }
}
