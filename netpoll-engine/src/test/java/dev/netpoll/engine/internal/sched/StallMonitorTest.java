// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
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
    private static final long CROWDED = StallMonitor.CROWDED_NANOS;
    private static final long FREE = StallMonitor.FREE_NANOS;

    private static final Kernel KERNEL = new LinuxKernel(new CarrierScratch());

    private static final Timer NOTHING =
            new Timer() {
                @Override
                protected void fire(long now) {}
            };

    private ManualLoops manual;
    private EventLoop loop;
    private StallMonitor monitor;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(2);
        loop = manual.first();
        monitor =
                new StallMonitor(
                        manual.group, manual.loops, new Search(manual.loops), "never-started");
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
        assertThat(loop.handOver(seen, manual.clock.nanoTime())).isFalse();
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

    // ---- slices with something behind them ------------------------------------------------------

    @Test
    void aSliceWithWorkBehindItCostsItsCarrierTheLoopSoonOnceSeenThreeTimes() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        monitor.look();
        manual.pass(CROWDED);
        monitor.look();
        assertThat(loop.owner()).as("the JVM may have paused").isSameAs(first);
        monitor.look();
        assertThat(loop.owner()).isNotSameAs(first);
        Bounded.await(ran);
        slice.end();
        Bounded.join(first);
        assertThat(loop.counters().stalls()).as("it was no stall").isZero();
        assertThat(loop.snapshot().longestStall()).isZero();
    }

    @Test
    void itIsTakenSoonerWhereANeighbourSleeps() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        loop.arm(NOTHING, manual.clock.nanoTime());
        monitor.look();
        manual.pass(FREE);
        monitor.look();
        monitor.look();
        assertThat(loop.owner()).as("all are busy").isSameAs(first);
        manual.loops.getLast().fallAsleep();
        monitor.look();
        assertThat(loop.owner()).isNotSameAs(first);
        slice.end();
    }

    @Test
    void aNeighbourThatSleepsIsWokenForTheQueueFirst() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        EventLoop neighbour = manual.loops.getLast();
        BlockingSlice slice = BlockingSlice.on(loop);
        loop.execute(() -> {});
        monitor.look();
        manual.pass(CROWDED);
        for (int i = 0; i < 3; i++) {
            neighbour.fallAsleep();
            monitor.look();
            assertThat(neighbour.isSleeping()).as("it will steal").isFalse();
        }
        assertThat(loop.owner()).isSameAs(first);
        slice.end();
    }

    @Test
    void aTimerBehindASliceIsWorthAnotherCarrier() throws Exception {
        loop.startCarrier();
        var fired = new CountDownLatch(1);
        loop.arm(
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        fired.countDown();
                    }
                },
                manual.clock.nanoTime() + 2 * CROWDED);
        BlockingSlice slice = BlockingSlice.on(loop);
        lookThreeTimes();
        assertThat(fired.getCount()).as("not due, and nothing else behind it").isEqualTo(1);
        assertThat(manual.group.carriers()).isEqualTo(1);
        manual.pass(CROWDED);
        monitor.look();
        Bounded.await(fired);
        slice.end();
    }

    @Test
    void aSocketBehindASliceIsWorthAnotherCarrier() throws Exception {
        loop.startCarrier();
        BlockingSlice slice = BlockingSlice.on(loop);
        lookThreeTimes();
        assertThat(manual.group.carriers()).isEqualTo(1);
        try (AcceptedFd socket = AcceptedFd.on(loop, KERNEL)) { // writable: its first event
            monitor.look();
            assertThat(manual.group.carriers()).isEqualTo(2);
        }
        slice.end();
    }

    @Test
    void aSliceThatLostItsLoopEarlyIsAStallOnceItHasLasted() throws Exception {
        loop.startCarrier();
        List<Long> told = new ArrayList<>();
        manual.group.addStallListener((_, _, nanos) -> told.add(nanos));
        BlockingSlice slice = BlockingSlice.on(loop);
        loop.execute(() -> {});
        lookThreeTimes();
        assertThat(manual.group.carriers()).isEqualTo(2);
        manual.pass(STALL - CROWDED - 1);
        assertThat(monitor.look()).as("it may still become one").isTrue();
        assertThat(told).isEmpty();
        manual.pass(1);
        monitor.look();
        monitor.look();
        assertThat(told).as("once").containsExactly(STALL);
        assertThat(loop.counters().stalls()).isEqualTo(1);
        slice.end();
    }

    @Test
    void itIsTakenSoonOnlyWhileFewCarriersAreStuck() throws Exception {
        loop.startCarrier();
        List<BlockingSlice> slices = new ArrayList<>();
        for (int i = 0; i < Carriers.MAX_CROWDED; i++) {
            slices.add(BlockingSlice.on(loop));
            loop.execute(() -> {});
            lookThreeTimes();
        }
        assertThat(manual.group.carriers()).isEqualTo(Carriers.MAX_CROWDED);
        manual.pass(STALL);
        monitor.look();
        assertThat(manual.group.carriers()).isEqualTo(Carriers.MAX_CROWDED + 1);
        slices.forEach(BlockingSlice::end);
    }

    @Test
    void itLooksOftenWhileLongSlicesAreFrequentAndSeldomOnceTheyAreOver() throws Exception {
        loop.startCarrier();
        for (int i = 1; i <= 5; i++) {
            assertThat(monitor.pause()).isEqualTo(STALL / 2);
            int longOnes = i;
            BlockingSlice slice = BlockingSlice.on(loop);
            monitor.look();
            manual.pass(STALL);
            monitor.look();
            slice.end();
            Bounded.until("it counts", () -> loop.longBatches() == longOnes);
        }
        monitor.look();
        assertThat(monitor.pause()).isEqualTo(FREE);
        manual.pass(3 * STALL);
        monitor.look();
        assertThat(monitor.pause()).isEqualTo(STALL / 2);
    }

    private void lookThreeTimes() {
        monitor.look();
        manual.pass(CROWDED);
        monitor.look();
        monitor.look();
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
        Bounded.await(ran);
        assertThat(loop.queued()).isZero();
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
