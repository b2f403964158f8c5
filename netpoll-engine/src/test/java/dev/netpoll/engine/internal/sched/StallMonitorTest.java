// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What each look does, by a clock that stands still between looks; the monitor's thread never runs. */
class StallMonitorTest {

    private static final long STALL = StallMonitor.STALL_NANOS;

    private ManualLoops manual;
    private EventLoop loop;
    private StallMonitor monitor;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(2);
        loop = manual.first();
        monitor = new StallMonitor(manual.group, manual.loops, "never-started");
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
    }

    // ---- stuck slices ---------------------------------------------------------------------------

    @Test
    void aSliceSeenTenMillisecondsAgoCostsItsCarrierTheLoopAndNotBefore() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        assertThat(monitor.look()).isTrue();
        manual.pass(STALL - 1);
        assertThat(monitor.look()).isTrue();
        assertThat(loop.owner()).isSameAs(first);
        assertThat(loop.counters().stalls()).isZero();

        manual.pass(1);
        monitor.look();
        assertThat(loop.owner()).isNotSameAs(first);
        assertThat(loop.counters().stalls()).isEqualTo(1);
        assertThat(first.isAlive()).as("it finishes its slice").isTrue();
        slice.end();
        Bounded.join(first);
        manual.pass(STALL);
        monitor.look();
        assertThat(loop.counters().stalls()).isEqualTo(1);
    }

    @Test
    void theTimeCountsFromTheLookThatFirstSawTheSlice() throws Exception {
        loop.startCarrier();
        List<String> told = new ArrayList<>();
        Carrier first = loop.owner();
        manual.group.addStallListener(
                (id, stuck, nanos) -> told.add(id + " " + stuck.getName() + " " + nanos));
        BlockingSlice slice = BlockingSlice.on(loop);
        manual.pass(Duration.ofHours(1).toNanos());
        monitor.look();
        assertThat(told).isEmpty();
        manual.pass(STALL);
        monitor.look();
        assertThat(told).containsExactly("0 " + first.getName() + " " + STALL);
        slice.end();
    }

    @Test
    void slicesThatEachEndInTimeCostNothingHoweverLongTheyAreTogether() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        for (int i = 0; i < 5; i++) {
            BlockingSlice slice = BlockingSlice.on(loop);
            monitor.look();
            manual.pass(STALL - 1);
            monitor.look();
            slice.end();
        }
        assertThat(loop.owner()).isSameAs(first);
        assertThat(loop.counters().stalls()).isZero();
    }

    @Test
    void aStallLastsUntilItsSliceEnds() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        monitor.look();
        manual.pass(STALL);
        monitor.look();
        assertThat(loop.snapshot().longestStall()).isEqualTo(Duration.ofNanos(STALL));
        manual.pass(7 * STALL);
        assertThat(loop.snapshot().longestStall()).isEqualTo(Duration.ofNanos(8 * STALL));
        slice.end();
        Bounded.join(first);
        manual.pass(STALL);
        assertThat(loop.snapshot().longestStall()).isEqualTo(Duration.ofNanos(8 * STALL));
    }

    @Test
    void aLoopCanLoseOneCarrierAfterTheOther() throws Exception {
        loop.startCarrier();
        List<BlockingSlice> slices = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            slices.add(BlockingSlice.on(loop));
            monitor.look();
            manual.pass(STALL);
            monitor.look();
            assertThat(loop.counters().stalls()).isEqualTo(i);
            assertThat(manual.group.carriers()).isEqualTo(1 + i);
        }
        slices.forEach(BlockingSlice::end);
        Bounded.until("the stuck have left", () -> manual.group.carriers() == 1);
    }

    @Test
    void aSliceThatEndsJustBeforeTheHandOverKeepsItsLoop() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        long seen = loop.turn();
        slice.end();
        BlockingSlice next = BlockingSlice.on(loop);
        assertThat(loop.handOver(seen, manual.clock.nanoTime())).isNull();
        assertThat(loop.owner()).isSameAs(first);
        assertThat(first.stuckFor(manual.clock.nanoTime() + STALL)).isZero();
        Bounded.until("the spare carrier has left", () -> manual.group.carriers() == 1);
        next.end();
    }

    @Test
    void aClosedLoopIsTakenFromNobody() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        monitor.look();
        loop.close();
        manual.pass(STALL);
        monitor.look();
        assertThat(loop.owner()).isSameAs(first);
        assertThat(manual.group.carriers()).isEqualTo(1);
        slice.end();
        Bounded.join(first);
        loop.release();
    }

    // ---- carriers blocked between slices --------------------------------------------------------

    @Test
    void theQueueOfACarrierThatIsBlockedBetweenSlicesRunsElsewhere() throws Exception {
        var firing = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        blockInATimer(firing, () -> Bounded.await(end));
        Bounded.until("it waits", loop::carrierIsBlocked);
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        monitor.look();
        manual.pass(STALL - 1);
        monitor.look();
        assertThat(loop.queued()).as("not before its time").isEqualTo(1);
        manual.pass(1);
        monitor.look();
        assertThat(loop.queued()).isZero();
        Bounded.await(ran);
        end.countDown();
    }

    @Test
    void theQueueOfACarrierThatIsBusyBetweenSlicesIsLeftToIt() throws Exception {
        var firing = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        blockInATimer(firing, () -> spinUntil(end));
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        monitor.look();
        manual.pass(STALL);
        monitor.look();
        assertThat(loop.queued()).isEqualTo(1);
        end.countDown();
        Bounded.await(ran);
    }

    private void blockInATimer(CountDownLatch firing, Runnable block) throws InterruptedException {
        loop.startCarrier();
        loop.arm(
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        firing.countDown();
                        block.run();
                    }
                },
                manual.clock.nanoTime());
        Bounded.await(firing);
    }

    private static void spinUntil(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    // ---- when it may rest -----------------------------------------------------------------------

    @Test
    void itMayRestWhenEveryLoopSleeps() {
        manual.loops.forEach(EventLoop::fallAsleep);
        assertThat(monitor.look()).isFalse();
        assertThat(monitor.look()).isFalse();
        loop.awake();
        assertThat(monitor.look()).isTrue();
        loop.fallAsleep();
        assertThat(monitor.look()).isFalse();
    }

    @Test
    void itMayNotRestWhileOneIsInASlice() {
        manual.loops.forEach(EventLoop::fallAsleep);
        EventLoop second = manual.loops.getLast();
        second.awake();
        second.beginSlice(0);
        assertThat(monitor.look()).isTrue();
        second.endSlice(0);
        second.fallAsleep();
        assertThat(monitor.look()).isFalse();
    }
}
