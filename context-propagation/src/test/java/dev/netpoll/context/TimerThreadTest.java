package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

class TimerThreadTest {

    private static final long MILLI = 1_000_000;

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
        long day = 24L * 3600 * 1000 * MILLI;
        ContextRuntime.Timeout far = timer.schedule(System.nanoTime() + day, () -> {});
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
