// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.ManualTicker;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Loops that help each other. The clock stands still, so that none is ever seen to be stuck. */
class StealingTest {

    private final List<Integer> ran = new CopyOnWriteArrayList<>();
    private final List<String> threads = new CopyOnWriteArrayList<>();

    private LoopGroup group;

    @BeforeEach
    void start() throws IOException {
        group =
                new LoopGroup(
                        new LinuxKernel(new CarrierScratch()),
                        new ManualTicker(1_000),
                        "steal-test",
                        2,
                        CarrierMode.LOOP);
    }

    @AfterEach
    void close() {
        group.close();
        assertThat(group.failure()).isNull();
    }

    @Test
    void whatABusyLoopHasQueuedRunsInItsOrderOnTheOneThatIsIdle() throws Exception {
        BlockingSlice slice = BlockingSlice.on(group.loops().getFirst());
        // A neighbour that had not fallen asleep yet may have stolen the slice itself.
        EventLoop busy =
                group.loops().stream().filter(LoopState::inSlice).findFirst().orElseThrow();
        EventLoop idle = group.loops().stream().filter(l -> l != busy).findFirst().orElseThrow();
        long before = idle.counters().stolen();
        CountDownLatch done = queue(busy, 5);
        Bounded.await(done);
        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
        assertThat(threads).containsOnly(Objects.requireNonNull(idle.owner()).getName());
        assertThat(idle.counters().stolen() - before).isEqualTo(5);
        assertThat(busy.counters().stalls()).isZero();
        slice.end();
    }

    @Test
    void aLoopFindsWorkInItsNeighboursQueuesAndNotInItsOwn() throws Exception {
        BlockingSlice first = BlockingSlice.on(group.loops().getFirst());
        EventLoop busy =
                group.loops().stream().filter(LoopState::inSlice).findFirst().orElseThrow();
        EventLoop other = group.loops().stream().filter(l -> l != busy).findFirst().orElseThrow();
        BlockingSlice second = BlockingSlice.on(other);
        CountDownLatch done = queue(busy, 2);
        assertThat(group.hasWorkFor(other)).isTrue();
        assertThat(group.hasWorkFor(busy)).isFalse();
        assertThat(group.steal(busy)).isNull();
        Runnable stolen = group.steal(other);
        assertThat(stolen).isNotNull();
        stolen.run();
        assertThat(ran).as("the oldest").containsExactly(0);
        first.end();
        second.end();
        Bounded.await(done);
        assertThat(ran).containsExactly(0, 1);
    }

    @Test
    void aSliceThatMakesTwoThreadsReadyWakesANeighbourThatSleeps() throws Exception {
        Bounded.until("all sleep", () -> group.loops().stream().allMatch(LoopState::isSleeping));
        EventLoop busy = group.loops().getFirst();
        var ran = new CountDownLatch(2);
        var ended = new CountDownLatch(1);
        busy.execute(
                () -> {
                    busy.execute(ran::countDown);
                    busy.execute(ran::countDown);
                    Bounded.await(ran); // both run beside this slice
                    ended.countDown();
                });
        Bounded.await(ended);
    }

    @Test
    void aSliceThatHandsSomethingToOneThreadWakesNoneWhereSlicesAreShort() throws Exception {
        Bounded.until("all sleep", () -> group.loops().stream().allMatch(LoopState::isSleeping));
        EventLoop busy = group.loops().getFirst();
        EventLoop idle = group.loops().getLast();
        long before = idle.counters().wakeUps.sum();
        var ran = new CountDownLatch(1);
        busy.execute(() -> busy.execute(ran::countDown));
        Bounded.await(ran);
        assertThat(idle.counters().wakeUps.sum()).isEqualTo(before);
    }

    private CountDownLatch queue(EventLoop loop, int count) {
        var done = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            int number = i;
            loop.execute(
                    () -> {
                        ran.add(number);
                        threads.add(Thread.currentThread().getName());
                        done.countDown();
                    });
        }
        return done;
    }
}
