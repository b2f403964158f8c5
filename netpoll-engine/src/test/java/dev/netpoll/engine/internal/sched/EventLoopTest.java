// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/** The loop's queue, its sleep and its end, with carriers that start when the test says so. */
class EventLoopTest {

    private final List<Integer> ran = new CopyOnWriteArrayList<>();
    private final List<String> threads = new CopyOnWriteArrayList<>();

    private ManualLoops manual;
    private EventLoop loop;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(1);
        loop = manual.first();
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
    }

    /** Queues so many continuations; the latch opens when the last has run. */
    private CountDownLatch queue(int count) {
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

    private static List<Integer> inOrder(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    // ---- the queue ------------------------------------------------------------------------------

    @Test
    void continuationsRunInTheOrderInWhichTheyCame() throws Exception {
        CountDownLatch done = queue(200);
        assertThat(ran).as("nobody runs them yet").isEmpty();
        loop.startCarrier();
        Bounded.await(done);
        assertThat(ran).isEqualTo(inOrder(200));
        assertThat(threads).containsOnly(Objects.requireNonNull(loop.owner()).getName());
    }

    @Test
    void theNewCarrierFindsTheQueueInItsOrder() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        CountDownLatch done = queue(200);
        assertThat(loop.handOver(loop.turn(), manual.clock.nanoTime())).isTrue();
        Bounded.await(done);
        assertThat(ran).isEqualTo(inOrder(200));
        assertThat(threads).containsOnly(Objects.requireNonNull(loop.owner()).getName());
        slice.end();
        Bounded.join(first);
    }

    @Test
    void theSocketsAreLookedAtEverySixtyFourSlices() throws Exception {
        List<Long> polls = new CopyOnWriteArrayList<>();
        var done = new CountDownLatch(129);
        for (int i = 0; i < 129; i++) {
            loop.execute(
                    () -> {
                        polls.add(loop.counters().polls());
                        done.countDown();
                    });
        }
        loop.startCarrier();
        Bounded.await(done);
        assertThat(polls.subList(0, 64)).containsOnly(0L);
        assertThat(polls.subList(64, 128)).containsOnly(1L);
        assertThat(polls.get(128)).isEqualTo(2L);
    }

    @Test
    void theSocketsAreLookedAtOnceSlicesHaveTakenTheirTime() throws Exception {
        List<Long> polls = new CopyOnWriteArrayList<>();
        var done = new CountDownLatch(5);
        for (int i = 0; i < 5; i++) {
            loop.execute(
                    () -> {
                        polls.add(loop.counters().polls());
                        pass(Slices.ROUND_NANOS / 2, 0, done);
                    });
        }
        loop.startCarrier();
        Bounded.await(done);
        assertThat(polls).containsExactly(0L, 0L, 1L, 1L, 2L);
    }

    @Test
    void aThreadThatYieldsGoesBehindOneThatIsWokenAfterIt() throws Exception {
        var done = new CountDownLatch(3);
        var yielding =
                new Runnable() {
                    @Override
                    public void run() {
                        ran.add(0);
                        if (done.getCount() == 3) {
                            loop.execute(this);
                            Bounded.join(
                                    Thread.ofPlatform()
                                            .start(() -> loop.execute(() -> told(1, done))));
                        }
                        done.countDown();
                    }
                };
        loop.execute(yielding);
        loop.startCarrier();
        Bounded.await(done);
        assertThat(ran).containsExactly(0, 1, 0);
    }

    @Test
    void aSliceIsLongOnceItHasRunForHalfAMillisecondAndTheNextIsNot() throws Exception {
        List<Boolean> isLong = new CopyOnWriteArrayList<>();
        var done = new CountDownLatch(2);
        loop.execute(
                () -> {
                    isLong.add(loop.isSliceLong(manual.clock.nanoTime()));
                    manual.pass(BatchEnd.LONG_NANOS);
                    isLong.add(loop.isSliceLong(manual.clock.nanoTime()));
                    done.countDown();
                });
        loop.execute(
                () -> {
                    isLong.add(loop.isSliceLong(manual.clock.nanoTime()));
                    done.countDown();
                });
        loop.startCarrier();
        Bounded.await(done);
        assertThat(isLong).containsExactly(false, true, false);
        assertThat(loop.isSliceLong(Long.MAX_VALUE)).as("asked by a thread of its own").isFalse();
    }

    @Test
    void whatKeptACarrierForLongTheLastTimeGoesBehindWhatIsWokenAfterIt() throws Exception {
        var done = new CountDownLatch(2);
        loop.execute(
                () -> {
                    loop.start(() -> told(2, done), true);
                    loop.execute(() -> told(1, done));
                });
        loop.startCarrier();
        Bounded.await(done);
        assertThat(ran).containsExactly(1, 2);
    }

    private void told(int number, CountDownLatch done) {
        ran.add(number);
        done.countDown();
    }

    @Test
    void aThreadGoesOnOnTheLoopThatMadeItReady() throws Exception {
        try (var two = new ManualLoops(2)) {
            EventLoop sees = two.loops.get(0);
            EventLoop began = two.loops.get(1);
            sees.startCarrier();
            began.startCarrier();
            var done = new CountDownLatch(2);
            List<Thread> carriers = new CopyOnWriteArrayList<>();
            Runnable told =
                    () -> {
                        carriers.add(Thread.currentThread());
                        done.countDown();
                    };

            sees.execute(() -> began.execute(told));
            Bounded.until("ran there", () -> carriers.size() == 1);
            began.execute(told);
            Bounded.await(done);

            assertThat(carriers).containsExactly(sees.owner(), began.owner());
        }
    }

    @Test
    void aContinuationThatThrowsIsLoudAndCostsTheOthersNothing() throws Exception {
        try (var log = new CapturedLog()) {
            loop.startCarrier();
            loop.execute(
                    () -> {
                        throw new IllegalStateException("thrown to see the loop go on");
                    });
            Bounded.await(queue(3));
            assertThat(ran).isEqualTo(inOrder(3));
            Bounded.until("the monitor logs it", () -> !log.records.isEmpty());
            assertThat(log.records).hasSize(1);
            assertThat(log.records.getFirst().getThrown()).hasMessageContaining("go on");
        }
        assertThat(manual.group.failure()).isNull();
    }

    /** What the group logs, kept from the console. */
    private static final class CapturedLog extends Handler implements AutoCloseable {

        final List<LogRecord> records = new CopyOnWriteArrayList<>();
        private final Logger logger = Logger.getLogger(LoopGroup.class.getName());

        CapturedLog() {
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }
    }

    // ---- sleep ----------------------------------------------------------------------------------

    @Test
    void workWakesASleepingLoopAndMoreWorkDoesNotSignalAgain() {
        loop.fallAsleep();
        queue(3);
        assertThat(loop.isSleeping()).isFalse();
        assertThat(loop.counters().wakeUps.sum()).isEqualTo(1);
    }

    @Test
    void onlyATimerThatBecomesTheFirstWakesASleepingLoop() {
        loop.fallAsleep();
        loop.arm(new Silent(), 5_000);
        assertThat(loop.isSleeping()).isFalse();
        loop.fallAsleep();
        loop.arm(new Silent(), 6_000);
        assertThat(loop.isSleeping()).isTrue();
        loop.arm(new Silent(), 4_000);
        assertThat(loop.isSleeping()).isFalse();
    }

    private static final class Silent extends Timer {
        @Override
        protected void fire(long now) {}
    }

    // ---- the end of a batch ---------------------------------------------------------------------

    /** Runs {@code slice} first in a batch whose other slices count to {@code count}. */
    private CountDownLatch batch(Runnable slice, int count) {
        loop.execute(slice);
        return queue(count);
    }

    @Test
    void whatIsLeftToTheEndOfTheBatchRunsAfterItsSlicesAndBeforeTheSockets() throws Exception {
        List<Long> polls = new CopyOnWriteArrayList<>();
        var done = new CountDownLatch(1);
        var begun =
                batch(
                        () ->
                                assertThat(
                                                CurrentSlice.atBatchEnd(
                                                        () -> {
                                                            ran.add(-1);
                                                            polls.add(loop.counters().polls());
                                                            done.countDown();
                                                        }))
                                        .isTrue(),
                        3);
        loop.startCarrier();
        Bounded.await(begun);
        Bounded.await(done);
        assertThat(ran).containsExactly(0, 1, 2, -1);
        assertThat(polls).containsExactly(0L);
    }

    @Test
    void itWaitsForTheBatchNoLongerThanItsPatience() throws Exception {
        var done = new CountDownLatch(1);
        var rest = new CountDownLatch(2);
        loop.execute(
                () ->
                        CurrentSlice.atBatchEnd(
                                () -> {
                                    ran.add(-1);
                                    done.countDown();
                                }));
        loop.execute(() -> pass(BatchEnd.PATIENCE_NANOS - 1, 0, rest));
        loop.execute(() -> pass(1, 1, rest));
        CountDownLatch last = queue(1);
        loop.startCarrier();
        Bounded.await(rest);
        Bounded.await(done);
        Bounded.await(last);
        assertThat(ran).containsExactly(0, 1, -1, 0);
    }

    private void pass(long nanos, int number, CountDownLatch done) {
        manual.pass(nanos);
        ran.add(number);
        done.countDown();
    }

    @Test
    void nothingWaitsForSlicesThatAreLong() throws Exception {
        List<Boolean> left = new CopyOnWriteArrayList<>();
        loop.startCarrier();
        for (int i = 0; i < 64; i++) {
            var done = new CountDownLatch(1);
            loop.execute(
                    () -> {
                        left.add(CurrentSlice.atBatchEnd(() -> {}));
                        pass(10 * BatchEnd.BRISK_NANOS, 0, done);
                    });
            Bounded.await(done);
            ManualLoops.turnAround(loop);
        }
        assertThat(left.getFirst()).isTrue();
        assertThat(left.getLast()).isFalse();
    }

    @Test
    void theNewCarrierFindsWhatTheStuckOneLeft() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        var done = new CountDownLatch(1);
        var stuck = new BlockingSlice();
        loop.execute(
                () -> {
                    CurrentSlice.atBatchEnd(done::countDown);
                    stuck.run();
                });
        stuck.awaitBegun();
        assertThat(loop.handOver(loop.turn(), manual.clock.nanoTime())).isTrue();
        Bounded.await(done);
        stuck.end();
        Bounded.join(first);
    }

    @Test
    void whatACarrierLeavesThatHasLostItsLoopWakesTheLoop() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        var done = new CountDownLatch(1);
        var stuck = new BlockingSlice();
        loop.execute(
                () -> {
                    stuck.run();
                    CurrentSlice.atBatchEnd(done::countDown);
                });
        stuck.awaitBegun();
        assertThat(loop.handOver(loop.turn(), manual.clock.nanoTime())).isTrue();
        Bounded.until("the new carrier sleeps", loop::isSleeping);
        stuck.end();
        Bounded.await(done);
        Bounded.join(first);
    }

    @Test
    void aThreadThatNoLoopCarriesIsLeftToItself() {
        assertThat(CurrentSlice.atBatchEnd(() -> {})).isFalse();
    }

    // ---- the end --------------------------------------------------------------------------------

    @Test
    void whatIsQueuedWhenTheLoopClosesRunsElsewhere() throws Exception {
        loop.startCarrier();
        Carrier carrier = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        CountDownLatch done = queue(3);
        loop.close();
        slice.end();
        Bounded.await(done);
        assertThat(ran).containsExactlyInAnyOrder(0, 1, 2);
        Bounded.join(carrier);
        loop.release();
    }

    @Test
    void whatComesAfterTheLoopHasClosedRunsElsewhere() throws Exception {
        loop.startCarrier();
        manual.close(loop);
        Bounded.await(queue(3));
        assertThat(ran).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(threads).allMatch(name -> name.startsWith("netpoll-orphans-"));
        assertThat(loop.queued()).isZero();
    }

    @Test
    void aVirtualThreadWhoseLoopHasClosedComesToItsEnd() throws Exception {
        loop.startCarrier();
        var go = new CountDownLatch(1);
        Thread thread = loop.start("orphan", () -> Bounded.await(go));
        Bounded.until("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
        manual.close(loop);
        go.countDown();
        Bounded.join(thread);
    }
}
