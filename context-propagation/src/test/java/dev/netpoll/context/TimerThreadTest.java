// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

class TimerThreadTest {

    private static final long MILLI = 1_000_000;
    private static final long DAY = 24L * 3600 * 1000 * MILLI;

    private final TimerThread timer = new TimerThread(System::nanoTime);

    @Test
    void anExpiryRunsAndNeverBeforeItsTime() {
        CountDownLatch ran = new CountDownLatch(100);
        AtomicLong early = new AtomicLong();
        for (int i = 0; i < 100; i++) {
            long at = System.nanoTime() + i * MILLI;
            timer.schedule(
                    at,
                    () -> {
                        if (System.nanoTime() - at < 0) {
                            early.incrementAndGet();
                        }
                        ran.countDown();
                    });
        }
        Bounded.await(ran);
        assertThat(early).hasValue(0);
        assertThat(timer.size()).isZero();
    }

    @Test
    void anEarlierExpiryWakesTheThreadFromALongerSleep() {
        ContextRuntime.Timeout far = timer.schedule(System.nanoTime() + DAY, () -> {});
        CountDownLatch ran = new CountDownLatch(1);
        timer.schedule(System.nanoTime() + 20 * MILLI, ran::countDown);
        Bounded.await(ran);
        far.cancel();
        assertThat(timer.size()).isZero();
    }

    @Test
    void anExpiryThatThrowsDoesNotEndTheThread() {
        CountDownLatch ran = new CountDownLatch(1);
        try (QuietLog log = new QuietLog(TimerThread.class)) {
            timer.schedule(
                    0,
                    () -> {
                        throw new IllegalStateException("an expiry fails");
                    });
            log.awaitThrown("an expiry fails");
            timer.schedule(0, ran::countDown);
            Bounded.await(ran);
        }
    }

    /** A machine out of threads has some again a moment later. */
    @Test
    void aThreadThatCouldNotBeStartedIsStartedByTheNextExpiry() {
        AtomicInteger tries = new AtomicInteger();
        TimerThread late =
                new TimerThread(
                        System::nanoTime,
                        loop -> {
                            if (tries.getAndIncrement() == 0) {
                                throw new InternalError("unable to create native thread");
                            }
                            return Thread.ofPlatform().daemon().unstarted(loop);
                        });
        CountDownLatch ran = new CountDownLatch(2);
        try (QuietLog log = new QuietLog(TimerThread.class)) {
            late.schedule(System.nanoTime() + MILLI, ran::countDown);
            log.awaitThrown("unable to create native thread");
        }
        late.schedule(System.nanoTime() + 20 * MILLI, ran::countDown);
        Bounded.await(ran);
    }

    @Test
    void aTurnThatFailsDoesNotEndTheThread() {
        AtomicInteger failures = new AtomicInteger();
        Thread tests = Thread.currentThread();
        TimerThread failing =
                new TimerThread(
                        () -> {
                            if (Thread.currentThread() != tests
                                    && failures.getAndIncrement() == 0) {
                                throw new InternalError("a turn fails");
                            }
                            return System.nanoTime();
                        });
        CountDownLatch ran = new CountDownLatch(1);
        try (QuietLog log = new QuietLog(TimerThread.class)) {
            failing.schedule(0, ran::countDown);
            log.awaitThrown("a turn fails");
            Bounded.await(ran);
        }
    }

    /**
     * As when a thread loses its processor in the middle of scheduling: in a storm of 64 cancels 25
     * others were seen to wait for it, when all had one lock.
     */
    @Test
    void aThreadThatIsStoppedInOneStripeHoldsUpNoneOfTheOthers() {
        TimerStripe[] stripes = timer.stripes();
        assertThat(stripes).hasSizeGreaterThanOrEqualTo(8);
        synchronized (stripes[0]) {
            Thread others =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 1; i < stripes.length; i++) {
                                            timer.schedule(stripes[i], DAY, () -> {}).cancel();
                                        }
                                    });
            Bounded.join(others);
        }
        assertThat(timer.size()).isZero();
    }

    @Test
    void manyThreadsAreSpreadOverTheStripes() {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < timer.stripes().length; i++) {
            all.add(Thread.ofVirtual().start(() -> timer.schedule(DAY, () -> {})));
        }
        all.forEach(Bounded::join);
        assertThat(timer.stripes()).allMatch(stripe -> stripe.size() < all.size() / 2);
    }

    /** Every expiry either runs once or was called off; none is lost to a wake-up that was missed. */
    @Test
    void manyThreadsSchedulingAndCancellingLoseNothing() {
        int threads = 8;
        int each = 5_000;
        AtomicInteger fired = new AtomicInteger();
        AtomicInteger calledOff = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int seed = t;
            all.add(Thread.ofPlatform().start(() -> churn(seed, each, fired, calledOff)));
        }
        all.forEach(Bounded::join);
        Bounded.until(() -> fired.get() + calledOff.get() == threads * each);
        assertThat(timer.size()).isZero();
        assertThat(fired.get()).as("some of both").isPositive();
        assertThat(calledOff.get()).isPositive();
    }

    private void churn(int seed, int each, AtomicInteger fired, AtomicInteger calledOff) {
        java.util.Random random = new java.util.Random(seed);
        for (int i = 0; i < each; i++) {
            AtomicInteger claim = new AtomicInteger();
            Runnable expiry =
                    () -> {
                        if (claim.getAndIncrement() == 0) {
                            fired.incrementAndGet();
                        }
                    };
            ContextRuntime.Timeout timeout =
                    timer.schedule(System.nanoTime() + random.nextLong(30 * MILLI), expiry);
            if (random.nextBoolean()) {
                timeout.cancel();
                if (claim.getAndIncrement() == 0) {
                    calledOff.incrementAndGet();
                }
            }
        }
    }
}
