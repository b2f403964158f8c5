// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause.ClientDisconnected;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

class TaskGroupTest {

    private final ManualRuntime time = new ManualRuntime();
    private final CancelScope parent = time.background().withCancel();
    private final List<Thread> threads = new java.util.concurrent.CopyOnWriteArrayList<>();

    @AfterEach
    void noThreadAndNoContextIsLeft() {
        threads.forEach(Bounded::join);
        assertThat(time.pending()).isZero();
        assertThat(Thread.interrupted()).isFalse();
        try (TaskGroup probe = TaskGroup.open(parent)) {
            assertThat(probe.context().isCancelled()).isEqualTo(parent.isCancelled());
        }
    }

    private <T> T blockForever() throws InterruptedException {
        threads.add(Thread.currentThread());
        new SynchronousQueue<T>().take();
        throw new AssertionError("nobody ever puts anything there");
    }

    @Test
    void resultsAreTypedAndThereAfterTheJoin() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            List<ForkedTask<Integer>> squares =
                    IntStream.range(0, 50).mapToObj(i -> group.<Integer>fork(() -> i * i)).toList();
            ForkedTask<String> other = group.fork(() -> "text");
            group.join();
            assertThat(squares.stream().mapToInt(ForkedTask::result).sum()).isEqualTo(40_425);
            assertThat(other.result()).isEqualTo("text");
            assertThat(other.state()).isEqualTo(ForkedTask.State.SUCCEEDED);
        }
    }

    @Test
    void aTaskSeesTheGroupsContextOnAVirtualThread() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            ForkedTask<CancelContext> seen = group.fork(CancelContext::current);
            ForkedTask<Boolean> virtual = group.fork(() -> Thread.currentThread().isVirtual());
            group.join();
            assertThat(seen.result()).isSameAs(group.context());
            assertThat(virtual.result()).isTrue();
        }
    }

    @Test
    void withoutAParentItOpensUnderTheCurrentContext() throws Exception {
        try (Binding _ = parent.bind();
                TaskGroup group = TaskGroup.open()) {
            parent.cancel(new ClientDisconnected(ClientDisconnected.How.FIN, null));
            assertThatThrownBy(group::join)
                    .isInstanceOf(CancelledException.class)
                    .hasMessageContaining("client disconnected (FIN)");
        }
        try (TaskGroup group = TaskGroup.open()) {
            group.fork(() -> 1);
            group.join();
        }
    }

    @Test
    void theFirstErrorCancelsTheRestAndIsTheOneThrown() {
        IllegalStateException first = new IllegalStateException("first");
        try (TaskGroup group = TaskGroup.open(parent)) {
            List<ForkedTask<Object>> blocked =
                    IntStream.range(0, 20).mapToObj(_ -> group.fork(this::blockForever)).toList();
            group.fork(
                    () -> {
                        throw first;
                    });
            assertThatThrownBy(group::join).isSameAs(first);
            assertThat(first.getSuppressed()).as("echoes of the cancel are no news").isEmpty();
            assertThat(blocked).allMatch(task -> task.state() != ForkedTask.State.PENDING);
            assertThatThrownBy(() -> blocked.getFirst().result())
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anErrorAfterTheCancelIsSuppressedInTheFirst() {
        IllegalStateException first = new IllegalStateException("first");
        IOException late = new IOException("while cleaning up");
        CountDownLatch running = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(
                    () -> {
                        running.countDown();
                        try {
                            return blockForever();
                        } catch (InterruptedException e) {
                            throw late;
                        }
                    });
            Bounded.await(running);
            group.fork(
                    () -> {
                        throw first;
                    });
            assertThatThrownBy(group::join).isSameAs(first);
            assertThat(first.getSuppressed()).containsExactly(late);
        }
    }

    @Test
    void errorsPropagateAsTheyAreAndCheckedExceptionsAsACause() {
        AssertionError panic = new AssertionError("panic");
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(
                    () -> {
                        throw panic;
                    });
            assertThatThrownBy(group::join).isSameAs(panic);
        }
        IOException checked = new IOException("checked");
        try (TaskGroup group = TaskGroup.open(parent)) {
            ForkedTask<Object> task =
                    group.fork(
                            () -> {
                                throw checked;
                            });
            assertThatThrownBy(group::join)
                    .isInstanceOf(TaskFailedException.class)
                    .hasCause(checked);
            assertThat(task.error()).isSameAs(checked);
            assertThat(task.state()).isEqualTo(ForkedTask.State.FAILED);
        }
    }

    @Test
    void theSameErrorOfTwoTasksIsNotSuppressedInItself() {
        IllegalStateException shared = new IllegalStateException("shared");
        try (TaskGroup group = TaskGroup.open(parent)) {
            for (int i = 0; i < 2; i++) {
                group.fork(
                        () -> {
                            throw shared;
                        });
            }
            assertThatThrownBy(group::join).isSameAs(shared);
        }
    }

    @Test
    void aCancelledExceptionOfATasksOwnIsAnErrorLikeAnyOther() {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(
                    () -> {
                        try (CancelScope own = CancelContext.current().withTimeout(Duration.ZERO)) {
                            own.throwIfCancelled();
                            return null;
                        }
                    });
            assertThatThrownBy(group::join).isInstanceOf(DeadlineExceededException.class);
        }
    }

    // ---- the context

    @Test
    void theDeadlineEndsTheGroupAndIsWhatTheJoinThrows() {
        try (CancelScope timed = parent.withTimeout(Duration.ofSeconds(1));
                TaskGroup group = TaskGroup.open(timed)) {
            for (int i = 0; i < 50; i++) {
                group.fork(this::blockForever);
            }
            time.advance(Duration.ofSeconds(1));
            assertThatThrownBy(group::join)
                    .isInstanceOf(DeadlineExceededException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
        }
    }

    @Test
    void aGroupThatEndsAfterItsDeadlineNeverSucceeds() {
        try (CancelScope timed = parent.withTimeout(Duration.ofSeconds(1));
                TaskGroup group = TaskGroup.open(timed)) {
            group.fork(() -> 1);
            time.advanceStarved(Duration.ofSeconds(1));
            assertThatThrownBy(group::join).isInstanceOf(DeadlineExceededException.class);
        }
    }

    @Test
    void cancellingTheGroupStopsItsTasks() {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(this::blockForever);
            assertThat(group.cancel("not needed any more")).isTrue();
            assertThatThrownBy(group::join)
                    .isInstanceOf(CancelledException.class)
                    .hasMessage("not needed any more");
        }
        assertThat(parent.isCancelled()).isFalse();
    }

    @Test
    void nothingIsRunOnceTheGroupHasEnded() {
        AtomicInteger ran = new AtomicInteger();
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.cancel("over");
            assertThat(group.fork(ran::incrementAndGet).state())
                    .isEqualTo(ForkedTask.State.CANCELLED);
            assertThat(group.tryFork(ran::incrementAndGet).state())
                    .isEqualTo(ForkedTask.State.CANCELLED);
        }
        assertThat(ran).hasValue(0);
    }

    // ---- the limit

    @Test
    void neverMoreThanTheLimitRunAtATime() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (TaskGroup group = TaskGroup.open(parent).limit(3)) {
            for (int i = 0; i < 200; i++) {
                group.fork(
                        () -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            Thread.yield();
                            return running.decrementAndGet();
                        });
            }
            group.join();
        }
        assertThat(most.get()).isBetween(1, 3);
    }

    @Test
    void tryForkSaysNoAtTheLimitAndForkWaits() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent).limit(1)) {
            group.fork(
                    () -> {
                        Bounded.await(goOn);
                        return 1;
                    });
            assertThat(group.tryFork(() -> 2)).isNull();
            FutureTask<ForkedTask<Integer>> waiting = Bounded.fork(() -> group.fork(() -> 3));
            assertThat(waiting.isDone()).isFalse();
            goOn.countDown();
            ForkedTask<Integer> third = Bounded.get(waiting);
            group.join();
            assertThat(third.result()).isEqualTo(3);
        }
    }

    @Test
    void aLimitOfZeroBlocksAllUntilTheGroupEnds() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent).limit(0)) {
            assertThat(group.tryFork(() -> 1)).isNull();
            CountDownLatch forking = new CountDownLatch(1);
            FutureTask<ForkedTask<Integer>> waiting =
                    Bounded.fork(
                            () -> {
                                forking.countDown();
                                return group.fork(() -> 1);
                            });
            Bounded.await(forking);
            group.cancel("no place will ever be free");
            assertThat(Bounded.get(waiting).state()).isEqualTo(ForkedTask.State.CANCELLED);
        }
    }

    @Test
    void aNegativeLimitIsNone() throws Exception {
        CountDownLatch all = new CountDownLatch(100);
        try (TaskGroup group = TaskGroup.open(parent).limit(2).limit(-7)) {
            for (int i = 0; i < 100; i++) {
                group.fork(
                        () -> {
                            all.countDown();
                            Bounded.await(all);
                            return true;
                        });
            }
            group.join();
        }
    }

    @Test
    void theLimitCannotChangeWhileTasksRun() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(
                    () -> {
                        Bounded.await(goOn);
                        return 1;
                    });
            assertThatThrownBy(() -> group.limit(3)).isInstanceOf(IllegalStateException.class);
            goOn.countDown();
            group.join();
        }
    }

    // ---- interrupts

    @Test
    void anInterruptOfTheJoinerCancelsTheGroupAndIsThrownWhenAllHaveEnded() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        FutureTask<Boolean> joiner =
                new FutureTask<>(
                        () -> {
                            try (TaskGroup group = TaskGroup.open(parent)) {
                                ForkedTask<Object> task =
                                        group.fork(
                                                () -> {
                                                    running.countDown();
                                                    return blockForever();
                                                });
                                assertThatThrownBy(group::join)
                                        .isInstanceOf(InterruptedException.class);
                                return task.state() == ForkedTask.State.FAILED;
                            }
                        });
        Thread thread = Thread.ofVirtual().start(joiner);
        Bounded.await(running);
        thread.interrupt();
        assertThat(Bounded.get(joiner)).isTrue();
    }

    @Test
    void anInterruptThatComesFromTheParentsEndIsToldAsThatEnd() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        FutureTask<Boolean> joiner =
                Bounded.fork(
                        () -> {
                            try (InterruptScope _ = InterruptScope.open(parent);
                                    TaskGroup group = TaskGroup.open(parent)) {
                                group.fork(
                                        () -> {
                                            running.countDown();
                                            return blockForever();
                                        });
                                assertThatThrownBy(group::join)
                                        .isInstanceOf(CancelledException.class)
                                        .hasMessageContaining("the parent's");
                            }
                            return Thread.interrupted();
                        });
        Bounded.await(running);
        parent.cancel("the parent's");
        assertThat(Bounded.get(joiner)).as("left behind").isFalse();
    }

    @Test
    void anInterruptWhileWaitingToForkEndsTheGroupAndStays() throws Exception {
        CountDownLatch forking = new CountDownLatch(1);
        FutureTask<Boolean> forker =
                new FutureTask<>(
                        () -> {
                            try (TaskGroup group = TaskGroup.open(parent).limit(0)) {
                                forking.countDown();
                                ForkedTask<Integer> task = group.fork(() -> 1);
                                assertThat(task.state()).isEqualTo(ForkedTask.State.CANCELLED);
                                assertThatThrownBy(group::join)
                                        .isInstanceOf(InterruptedException.class);
                            }
                            return true;
                        });
        Thread thread = Thread.ofVirtual().start(forker);
        Bounded.await(forking);
        thread.interrupt();
        assertThat(Bounded.get(forker)).isTrue();
    }

    // ---- the end

    @Test
    void closingWithoutAJoinCancelsAndWaits() {
        CountDownLatch running = new CountDownLatch(1);
        ForkedTask<Object> task;
        try (TaskGroup group = TaskGroup.open(parent)) {
            task =
                    group.fork(
                            () -> {
                                running.countDown();
                                return blockForever();
                            });
            Bounded.await(running);
        }
        assertThat(task.state()).isEqualTo(ForkedTask.State.FAILED);
    }

    @Test
    void whoSeesATaskFailedFindsTheGroupEndedByIt() throws Exception {
        CompletableFuture<ForkedTask<Object>> forked = new CompletableFuture<>();
        CompletableFuture<ForkedTask.State> atTheEnd = new CompletableFuture<>();
        IllegalStateException error = new IllegalStateException("ends the group");
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.context().onCancelInline(_ -> atTheEnd.complete(forked.join().state()));
            forked.complete(
                    group.fork(
                            () -> {
                                throw error;
                            }));
            assertThatThrownBy(group::join).isSameAs(error);
        }
        assertThat(atTheEnd.get()).as("not told before").isEqualTo(ForkedTask.State.PENDING);
        assertThat(forked.get().state()).isEqualTo(ForkedTask.State.FAILED);
    }

    @Test
    void anErrorNobodyJoinedForIsThrownByTheClose() {
        IllegalStateException lost = new IllegalStateException("nearly lost");
        TaskGroup group = TaskGroup.open(parent);
        ForkedTask<Object> task =
                group.fork(
                        () -> {
                            throw lost;
                        });
        Bounded.until(() -> task.state() == ForkedTask.State.FAILED);
        assertThatThrownBy(group::close).isSameAs(lost);
        group.close();
    }

    @Test
    void afterTheJoinNothingCanBeForked() throws Exception {
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.join();
            assertThatThrownBy(() -> group.fork(() -> 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> group.tryFork(() -> 1))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aTaskMayForkMore() throws Exception {
        List<ForkedTask<Integer>> inner = new ArrayList<>();
        try (TaskGroup group = TaskGroup.open(parent)) {
            group.fork(() -> inner.add(group.fork(() -> 7)));
            group.join();
        }
        assertThat(inner.getFirst().result()).isEqualTo(7);
    }

    @Test
    void whatIsPutAroundTasksRunsOnTheirThreadAndItsFailureIsTheGroups() throws Exception {
        ThreadLocal<String> carried = new ThreadLocal<>();
        try (TaskGroup group =
                TaskGroup.open(
                        parent,
                        task ->
                                () -> {
                                    carried.set("carried");
                                    task.run();
                                })) {
            ForkedTask<String> task = group.fork(carried::get);
            group.join();
            assertThat(task.result()).isEqualTo("carried");
        }
        IllegalStateException broken = new IllegalStateException("broken decorator");
        try (TaskGroup group =
                TaskGroup.open(
                        parent,
                        _ ->
                                () -> {
                                    throw broken;
                                })) {
            ForkedTask<Integer> task = group.fork(() -> 1);
            assertThatThrownBy(group::join).isSameAs(broken);
            assertThat(task.state()).isEqualTo(ForkedTask.State.CANCELLED);
        }
    }
}
