// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** What becomes of a carrier that has been started. */
class CarrierTest {

    private final AtomicInteger left = new AtomicInteger();

    private ManualLoops manual;
    private EventLoop loop;
    private Carrier carrier;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(1);
        loop = manual.first();
        carrier = new Carrier(loop, "carrier-test", this::leaves);
    }

    private boolean leaves(Carrier carrier) {
        left.incrementAndGet();
        return false;
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
    }

    @Test
    void itTouchesNothingBeforeItIsToldTo() throws Exception {
        carrier.start();
        for (int i = 0; i < 3; i++) {
            Bounded.until("it waits", () -> carrier.getState() == Thread.State.WAITING);
            LockSupport.unpark(carrier);
        }
        assertThat(loop.counters().polls()).isZero();
        assertThat(carrier.isBlocked()).as("it has nothing to be kept from").isFalse();
        assertThat(left).hasValue(0);
        carrier.decide(Carrier.Verdict.LEAVE);
        Bounded.join(carrier);
        assertThat(left).hasValue(1);
        assertThat(loop.counters().polls()).isZero();
    }

    @Test
    void toldToRunItRunsTheLoopUntilThatCloses() throws Exception {
        carrier.start();
        carrier.decide(Carrier.Verdict.RUN);
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        Bounded.await(ran);
        assertThat(left).hasValue(0);
        loop.close();
        Bounded.join(carrier);
        assertThat(left).hasValue(1);
        loop.release();
    }

    @Test
    void aVerdictMayComeBeforeItStarts() throws Exception {
        carrier.decide(Carrier.Verdict.LEAVE);
        carrier.start();
        Bounded.join(carrier);
        assertThat(left).hasValue(1);
    }

    @Test
    void itIsBlockedInASliceThatWaits() throws Exception {
        carrier.start();
        carrier.decide(Carrier.Verdict.RUN);
        BlockingSlice slice = BlockingSlice.on(loop);
        Bounded.until("blocked", carrier::isBlocked);
        slice.end();
        loop.close();
        Bounded.join(carrier);
        loop.release();
    }

    @Test
    void itIsStuckFromWhenItsSliceWasSeenUntilTheHandOverFails() {
        assertThat(carrier.stuckFor(5_000)).isZero();
        carrier.stuckSince(2_000);
        assertThat(carrier.stuckFor(5_000)).isEqualTo(3_000);
        carrier.stuckSince(0);
        assertThat(carrier.stuckFor(5_000)).isZero();
    }
}
