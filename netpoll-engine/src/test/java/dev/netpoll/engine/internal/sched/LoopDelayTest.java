// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Timed parks as timers of a loop, on a clock that stands still. */
class LoopDelayTest {

    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    /** The JDK's scheduler's stand-in: it takes everything and runs nothing. */
    private static final class Elsewhere extends ScheduledThreadPoolExecutor {

        final List<Long> delays = new ArrayList<>();
        final List<ScheduledFuture<?>> futures = new ArrayList<>();

        Elsewhere() {
            super(1, Thread.ofPlatform().daemon().factory());
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            delays.add(unit.toNanos(delay));
            ScheduledFuture<?> future = super.schedule(command, 1, TimeUnit.DAYS);
            futures.add(future);
            return future;
        }
    }

    private final Elsewhere elsewhere = new Elsewhere();
    private final LoopDelays delays = new LoopDelays(elsewhere);
    private final AtomicInteger ran = new AtomicInteger();
    private final Runnable counting = ran::incrementAndGet;

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
        elsewhere.shutdownNow();
    }

    private LoopDelay armed(long nanos) {
        var delay = new LoopDelay(loop, elsewhere, counting, nanos);
        loop.arm(delay, delay.when());
        return delay;
    }

    // ---- one delay ------------------------------------------------------------------------------

    @Test
    void itRunsAtItsTimeAndNotBefore() {
        LoopDelay delay = armed(500);
        long due = manual.clock.nanoTime() + 500;
        assertThat(delay.when()).isEqualTo(due);
        assertThat(delay.getDelay(TimeUnit.NANOSECONDS)).isEqualTo(500);
        loop.timers().expire(due - 1);
        assertThat(ran).hasValue(0);
        loop.timers().expire(due);
        assertThat(ran).hasValue(1);
        assertThat(delay.cancel(false)).as("too late").isFalse();
    }

    @Test
    void cancelledItNeverRuns() {
        LoopDelay delay = armed(500);
        assertThat(delay.cancel(false)).isTrue();
        assertThat(delay.cancel(false)).isFalse();
        loop.timers().expire(Long.MAX_VALUE - 1);
        assertThat(ran).hasValue(0);
    }

    @Test
    void noneAndLessAreASingleNanosecond() {
        assertThat(armed(0).getDelay(TimeUnit.NANOSECONDS)).isEqualTo(1);
        assertThat(armed(-5).getDelay(TimeUnit.NANOSECONDS)).isEqualTo(1);
    }

    @Test
    void theLongestLiesInTheFutureAndIsNotTheQueuesWordForNever() {
        LoopDelay delay = armed(Long.MAX_VALUE);
        assertThat(delay.when()).isEqualTo(Long.MAX_VALUE - 1);
        loop.timers().expire(manual.clock.nanoTime() + 1_000 * HOUR);
        assertThat(ran).hasValue(0);
        assertThat(delay.cancel(false)).isTrue();
    }

    @Test
    void theyCompareByTheirTimes() {
        LoopDelay sooner = armed(500);
        LoopDelay later = armed(501);
        assertThat(sooner.compareTo(later)).isNegative();
        assertThat(later.compareTo(sooner)).isPositive();
        assertThat(sooner.compareTo(armed(500))).isZero();
    }

    @Test
    void ofAFutureItHasNothingButCancel() {
        LoopDelay delay = armed(500);
        assertThatThrownBy(delay::get).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(delay::isDone).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(delay::isCancelled).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> delay.get(1, TimeUnit.SECONDS))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    // ---- when the loop closes -------------------------------------------------------------------

    @Test
    void whenTheLoopClosesWhatIsLeftOfItPassesElsewhere() throws Exception {
        LoopDelay delay = armed(500);
        manual.pass(200);
        manual.close(loop);
        assertThat(elsewhere.delays).containsExactly(300L);
        assertThat(loop.timers().size()).isZero();
        assertThat(delay.cancel(false)).isTrue();
        assertThat(elsewhere.futures).allMatch(ScheduledFuture::isCancelled);
    }

    // ---- who makes them -------------------------------------------------------------------------

    @Test
    void aCarriersCallBecomesATimerOfItsLoop() throws Exception {
        loop.startCarrier();
        var fired = new CountDownLatch(1);
        onTheCarrier(() -> delays.schedule(fired::countDown, 1, TimeUnit.HOURS));
        assertThat(loop.timers().size()).isEqualTo(1);
        assertThat(elsewhere.delays).isEmpty();
        manual.pass(HOUR - 1);
        ManualLoops.turnAround(loop);
        assertThat(fired.getCount()).isEqualTo(1);
        manual.pass(1);
        ManualLoops.turnAround(loop);
        assertThat(fired.getCount()).isZero();
    }

    @Test
    void anotherThreadsCallGoesWhereItWentBefore() {
        delays.schedule(counting, 1, TimeUnit.HOURS);
        assertThat(elsewhere.delays).containsExactly(HOUR);
        assertThat(loop.timers().size()).isZero();
    }

    @Test
    void aCallFromAClosedLoopsCarrierGoesWhereItWentBefore() throws Exception {
        loop.startCarrier();
        onTheCarrier(
                () -> {
                    loop.close();
                    return delays.schedule(counting, 1, TimeUnit.HOURS);
                });
        assertThat(elsewhere.delays).containsExactly(HOUR);
        assertThat(loop.timers().size()).isZero();
        Bounded.join(loop.owner());
        loop.release();
    }

    private <T> T onTheCarrier(Callable<T> call) throws Exception {
        var task = new FutureTask<>(call);
        loop.execute(task);
        return task.get(20, TimeUnit.SECONDS);
    }

    // ---- sleeping threads -----------------------------------------------------------------------

    @Test
    void aCarriedThreadSleepsByTheLoopsClock() throws Exception {
        loop.startCarrier();
        Thread sleeper = loop.start("sleeper", () -> LockSupport.parkNanos(HOUR));
        Bounded.until("it sleeps", () -> loop.timers().size() == 1);
        manual.pass(HOUR - 1);
        ManualLoops.turnAround(loop);
        assertThat(loop.timers().size()).isEqualTo(1);
        assertThat(sleeper.isAlive()).isTrue();
        manual.pass(1);
        ManualLoops.turnAround(loop);
        Bounded.join(sleeper);
    }

    @Test
    void aCarriedThreadThatIsWokenLeavesNoTimer() throws Exception {
        loop.startCarrier();
        Thread sleeper = loop.start("sleeper", () -> LockSupport.parkNanos(HOUR));
        Bounded.until("it sleeps", () -> loop.timers().size() == 1);
        LockSupport.unpark(sleeper);
        Bounded.join(sleeper);
        Bounded.until("no timer is left", () -> loop.timers().size() == 0);
    }

    @Test
    void aSleepThatOutlivesItsLoopEndsElsewhere() throws Exception {
        loop.startCarrier();
        Thread sleeper = loop.start("sleeper", () -> LockSupport.parkNanos(1_000_000));
        Bounded.until("it sleeps", () -> loop.timers().size() == 1);
        manual.close(loop);
        Bounded.join(sleeper);
    }
}
