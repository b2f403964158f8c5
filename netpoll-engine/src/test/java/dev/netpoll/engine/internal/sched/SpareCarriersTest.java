// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import dev.netpoll.engine.internal.poll.ManualTicker;
import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.internal.sys.Scratch;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Carriers that have lost their loop, and the end of a group whose carriers are stuck. */
class SpareCarriersTest {

    private final ManualTicker clock = new ManualTicker(1_000);
    private int owned;

    private LoopGroup group;
    private EventLoop loop;

    @BeforeEach
    void start() throws IOException {
        Bounded.until("no other test's carrier is about to end", () -> carriersAlive() == 0);
        owned = Scratch.owned();
        var kernel = new LinuxKernel(new CarrierScratch());
        group = new LoopGroup(kernel, clock, "spare-test", 1, CarrierMode.LOOP);
        loop = group.loops().getFirst();
    }

    private static long carriersAlive() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Carrier.class::isInstance)
                .count();
    }

    private BlockingSlice loseCarrier() {
        BlockingSlice slice = BlockingSlice.on(loop);
        assertThat(loop.handOver(loop.turn(), clock.nanoTime())).isTrue();
        return slice;
    }

    // ---- spare carriers -------------------------------------------------------------------------

    @Test
    void aCarrierThatHasLostItsLoopRestsUntilALoopNeedsOne() {
        Set<Carrier> all = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            all.add(loop.owner());
            loseCarrier().end();
            Bounded.until("it rests", () -> group.restingCarriers() == 1);
        }
        assertThat(all).as("the two take turns").hasSize(2);
        assertThat(Scratch.owned() - owned).isEqualTo(2);
        assertThat(group.carriers()).as("one that rests is not counted").isEqualTo(1);
        group.close();
        for (Carrier carrier : all) {
            Bounded.join(carrier);
        }
        assertThat(Scratch.owned()).as("their native memory is freed").isEqualTo(owned);
    }

    /** What is queued behind the slice may hold all the memory there is. */
    @Test
    void aLoopIsHandedToARestingCarrierWithoutMemory() {
        for (int i = 0; i < 3; i++) { // what the first ones load is theirs
            loseCarrier().end();
            Bounded.until("it rests", () -> group.restingCarriers() == 1);
        }
        BlockingSlice slice = BlockingSlice.on(loop);
        long turn = loop.turn();
        long now = clock.nanoTime();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean handedOver = loop.handOver(turn, now);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(handedOver).isTrue();
        assertThat(allocated).isZero();
        slice.end();
    }

    @Test
    void theOnesThatNothingHasNeededForASecondEndButForTwo() {
        List<BlockingSlice> slices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            slices.add(loseCarrier());
        }
        assertThat(group.carriers()).isEqualTo(6);
        slices.forEach(BlockingSlice::end);
        Bounded.until("all rest", () -> group.restingCarriers() == 5);
        Bounded.until(
                "the others have ended",
                () -> {
                    clock.moveTo(clock.nanoTime() + Carriers.TRIM_NANOS);
                    return Scratch.owned() - owned == 3;
                });
        assertThat(group.restingCarriers()).isEqualTo(Carriers.KEPT_PER_LOOP);
        group.close();
        Bounded.until("all have", () -> Scratch.owned() == owned);
    }

    @Test
    void moreThanSixteenForEachLoopDoNotRest() {
        List<BlockingSlice> slices = new ArrayList<>();
        for (int i = 0; i <= Carriers.RESTING_PER_LOOP; i++) {
            slices.add(loseCarrier());
        }
        slices.forEach(BlockingSlice::end);
        Bounded.until("one has ended", () -> Scratch.owned() - owned == 17);
        assertThat(group.restingCarriers()).isEqualTo(Carriers.RESTING_PER_LOOP);
        group.close();
        Bounded.until("all have", () -> Scratch.owned() == owned);
    }

    @Test
    void aCarrierThatWasNotNeededRests() {
        BlockingSlice slice = BlockingSlice.on(loop);
        long seen = loop.turn();
        slice.end();
        BlockingSlice next = BlockingSlice.on(loop);
        assertThat(loop.handOver(seen, clock.nanoTime())).isFalse();
        Bounded.until("it rests", () -> group.restingCarriers() == 1);
        next.end();
        group.close();
        Bounded.until("all have ended", () -> Scratch.owned() == owned);
    }

    // ---- close ----------------------------------------------------------------------------------

    @Test
    void closingWaitsForNoCarrierThatHasLostTheLoopMeanwhile() {
        BlockingSlice slice = BlockingSlice.on(loop);
        Carrier stuck = loop.owner();
        Carrier next = group.newCarrier(loop); // the monitor is about to hand the loop over
        Thread closing = Thread.ofPlatform().start(group::close);
        Bounded.until("it waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
        Bounded.until("it is closed", () -> !loop.isOpen());
        loop.ownership().handOverTo(next, loop.turn(), clock.nanoTime());
        Bounded.join(closing);
        assertThat(stuck.isAlive()).as("its slice has not ended").isTrue();
        slice.end();
        Bounded.join(stuck);
        Bounded.until("its memory is freed", () -> Scratch.owned() == owned);
    }

    @Test
    void closingTakesTheLoopFromASliceThatDoesNotEnd() {
        BlockingSlice slice = BlockingSlice.on(loop);
        Carrier stuck = loop.owner();
        var elsewhere = new CountDownLatch(1);
        loop.execute(elsewhere::countDown);
        Thread closing = Thread.ofPlatform().start(group::close);
        letTimePass(closing);
        Bounded.await(elsewhere);
        assertThat(stuck.isAlive()).isTrue();
        assertThat(loop.hasLeft()).isTrue();
        slice.end();
        Bounded.join(stuck);
    }

    /** Its descriptors must not be another file's numbers while it may still use them. */
    @Test
    void closingLeavesTheDescriptorsToACarrierThatIsBlockedBetweenSlices() {
        var firing = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        loop.arm(
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        firing.countDown();
                        Bounded.await(end);
                    }
                },
                clock.nanoTime());
        Bounded.await(firing);
        Carrier blocked = loop.owner();
        var left = new CountDownLatch(1);
        loop.execute(left::countDown);
        Thread closing = Thread.ofPlatform().start(group::close);
        letTimePass(closing);
        assertThat(loop.hasLeft()).isFalse();
        end.countDown();
        Bounded.join(blocked);
        assertThat(loop.hasLeft()).isTrue();
        Bounded.await(left);
    }

    private void letTimePass(Thread closing) {
        Bounded.until(
                "it has closed",
                () -> {
                    clock.moveTo(clock.nanoTime() + 100_000_000);
                    return !closing.isAlive();
                });
    }

    @Test
    void aThreadOfTheLoopMayCloseTheGroup() {
        var closed = new CountDownLatch(1);
        loop.start(
                "closing",
                () -> {
                    group.close();
                    closed.countDown();
                });
        Bounded.await(closed);
    }
}
