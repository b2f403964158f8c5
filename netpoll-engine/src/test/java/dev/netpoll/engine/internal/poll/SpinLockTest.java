// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

/** One that waits for the lock. Mutual exclusion is the interleaving tests'. */
class SpinLockTest {

    private final AtomicInteger yields = new AtomicInteger();

    private SpinLock lock;

    @Test
    void whoWaitsGivesWayUntilTheHolderLetsGo() {
        lock = new SpinLock(this::letGoAtTheThird);
        lock.lock();
        lock.lock();
        assertThat(yields).hasValue(3);
        lock.unlock();
    }

    @Test
    void whoHasNoMemoryToGiveWayGoesOnWaiting() {
        lock =
                new SpinLock(
                        () -> {
                            letGoAtTheThird();
                            throw new OutOfMemoryError("scripted");
                        });
        lock.lock();
        lock.lock();
        assertThat(yields).hasValue(3);
        lock.unlock();
    }

    private void letGoAtTheThird() {
        if (yields.incrementAndGet() == 3) {
            lock.unlock();
        }
    }
}
