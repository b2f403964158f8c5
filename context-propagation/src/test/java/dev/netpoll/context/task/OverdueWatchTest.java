// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelCause.CancelledByCode;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.QuietLog;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

class OverdueWatchTest {

    private static final Duration GRACE = Duration.ofMillis(500);
    private static final CancelledByCode ENOUGH = new CancelledByCode("enough");

    private final ManualRuntime time = new ManualRuntime();
    private final List<List<OverdueTask>> warnings = new CopyOnWriteArrayList<>();
    private final OverdueWatch watch =
            new OverdueWatch(
                    new OverdueWatch.Settings(GRACE, Duration.ofSeconds(10)), time, warnings::add);
    private final CancelScope scope =
            time.background()
                    .with(OverdueWatch.KEY, watch)
                    .with(InterruptPolicy.KEY, InterruptPolicy.ALWAYS)
                    .withCancel();

    @AfterEach
    void nothingIsLeft() {
        scope.close();
        assertThat(watch.count()).isZero();
        time.advance(Duration.ofMinutes(1));
        assertThat(time.pending()).isZero();
    }

    @Test
    void workThatEndsInTimeIsNeverSeen() {
        try (WatchedTask _ = watch.watch(scope, "quick")) {
            time.advance(Duration.ofHours(1));
            assertThat(watch.count()).as("its context has not ended").isZero();
            scope.cancel();
            time.advance(GRACE.minusNanos(1));
            assertThat(watch.count()).as("within the grace").isZero();
        }
        time.advance(GRACE);
        assertThat(watch.snapshot()).isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void workThatRunsOnIsListedWithAllThereIsToKnow() {
        try (WatchedTask _ = watch.watch(scope, "GET /report")) {
            scope.cancel("client gone");
            time.advance(GRACE.plusMillis(250));
            assertThat(watch.count()).isOne();
            OverdueTask task = watch.snapshot().getFirst();
            assertThat(task.label()).isEqualTo("GET /report");
            assertThat(task.age()).isEqualTo(GRACE.plusMillis(250));
            assertThat(task.cause()).isEqualTo(new CancelledByCode("client gone"));
            assertThat(task.threadName()).isEqualTo(Thread.currentThread().getName());
            assertThat(task.threadId()).isEqualTo(Thread.currentThread().threadId());
            assertThat(task.stack())
                    .anyMatch(f -> f.getMethodName().startsWith("workThatRunsOnIsListed"));
        }
        assertThat(watch.count()).isZero();
    }

    @Test
    void workBegunForAnEndedContextIsOverdueToo() {
        scope.cancel();
        try (WatchedTask _ = watch.watch(scope, "late starter")) {
            time.advance(GRACE);
            assertThat(watch.count()).isOne();
        }
    }

    @Test
    void overdueIsAMatterOfTheClockNotOfTheTimer() {
        try (WatchedTask _ = watch.watch(scope, "starved")) {
            scope.cancel();
            time.advanceStarved(GRACE);
            assertThat(watch.count()).isOne();
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void theOldestComesFirst() {
        CancelScope other = time.background().withCancel();
        try (WatchedTask _ = watch.watch(scope, "younger");
                WatchedTask _ = watch.watch(other, "older")) {
            other.cancel();
            time.advance(Duration.ofSeconds(1));
            scope.cancel();
            time.advance(GRACE);
            assertThat(watch.snapshot())
                    .extracting(OverdueTask::label)
                    .containsExactly("older", "younger");
        }
    }

    @Test
    void warningsAreRateLimitedAndNoneIsForgotten() {
        try (WatchedTask _ = watch.watch(scope, "first")) {
            scope.cancel();
            time.advance(GRACE);
            assertThat(warnings).hasSize(1);
            try (WatchedTask _ = watch.watch(scope, "second")) {
                time.advance(GRACE);
                assertThat(warnings).as("too soon to warn again").hasSize(1);
                time.advance(Duration.ofSeconds(10));
                assertThat(warnings).as("when it is allowed again").hasSize(2);
                assertThat(warnings.getLast()).hasSize(2);
            }
            time.advance(Duration.ofHours(1));
            assertThat(warnings).as("nothing new").hasSize(2);
        }
    }

    @Test
    void aThreadThatDiedWithoutAWordRunsNothing() throws Exception {
        Thread thread = Thread.ofVirtual().start(() -> watch.watch(scope, "never closed"));
        Bounded.join(thread);
        scope.cancel();
        time.advance(GRACE);
        assertThat(watch.count()).isZero();
    }

    @Test
    void tasksOfGroupsBelowAreWatched() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(scope)) {
            group.fork(
                    () -> {
                        running.countDown();
                        awaitDeafly(goOn);
                        return null;
                    });
            Bounded.await(running);
            group.cancel("over");
            time.advance(GRACE);
            assertThat(watch.snapshot())
                    .singleElement()
                    .satisfies(task -> assertThat(task.label()).startsWith("task-group-"));
            goOn.countDown();
        }
    }

    @Test
    void theLoggingWatchSaysItInOneLine() {
        try (QuietLog log = new QuietLog(OverdueWatch.class);
                CancelScope own = CancelContext.background().withCancel()) {
            OverdueWatch logging =
                    OverdueWatch.logging(
                            new OverdueWatch.Settings(Duration.ZERO, Duration.ofHours(1)));
            try (WatchedTask _ = logging.watch(own, "GET /slow")) {
                own.cancel("client gone");
                Bounded.until(() -> !log.records().isEmpty());
            }
            assertThat(log.records().getFirst().getMessage())
                    .contains("1 piece(s) of work", "GET /slow", "client gone")
                    .doesNotContain("\n");
        }
    }

    private static void awaitDeafly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        assertThat(interrupted).isTrue();
    }

    // ---- work whose owner is told

    @Test
    void whoeverIsInWorkThatEndsIsInterruptedAndListed() {
        OwnedWork work = new OwnedWork(watch, InterruptPolicy.ALWAYS, "GET /report");
        work.enter();
        assertThat(work.end(ENOUGH)).isTrue();
        assertThat(work.end(new CancelledByCode("again"))).isFalse();
        work.tellInside();
        work.tellInside();
        assertThat(Thread.interrupted()).isTrue();
        time.advance(GRACE);
        assertThat(watch.snapshot()).singleElement().extracting("cause").isEqualTo(ENOUGH);
        work.leave();
        assertThat(work.isEntered()).isFalse();
        assertThat(watch.lateSize()).isZero();
        work.tellInside();
        assertThat(Thread.currentThread().isInterrupted()).as("nobody is inside").isFalse();
    }

    @Test
    void whoeverComesIntoWorkThatHasEndedIsToldAtOnce() {
        OwnedWork work = new OwnedWork(watch, InterruptPolicy.ALWAYS, "GET /report");
        work.end(ENOUGH);
        work.enter();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(watch.lateSize()).isOne();
        work.leave();
        assertThat(Thread.currentThread().isInterrupted()).as("it was the work's").isFalse();
    }

    @Test
    void workThatIsNotInterruptibleIsListedAllTheSame() {
        OwnedWork work = new OwnedWork(watch, InterruptPolicy.NEVER, "GET /report");
        work.enter();
        work.end(ENOUGH);
        work.tellInside();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(watch.lateSize()).isOne();
        work.leave();
    }

    @Test
    void nobodyLeavesWorkThatNobodyIsIn() {
        OwnedWork work = new OwnedWork(watch, InterruptPolicy.ALWAYS, "GET /report");
        assertThatThrownBy(work::leave)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("GET /report");
    }
}
