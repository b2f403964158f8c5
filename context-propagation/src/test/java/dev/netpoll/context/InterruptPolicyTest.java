// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.ForkedTask;
import dev.netpoll.context.task.TaskGroup;
import dev.netpoll.context.task.TaskPolicy;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.ReentrantLock;

/** What the end of a context may do to the thread that works under it. */
class InterruptPolicyTest {

    private static final int READS_AFTER_THE_END = 1_000;

    private final CancelScope scope = CancelContext.background().withCancel();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final BlockingQueue<ThreadState> states = new ArrayBlockingQueue<>(1);

    @TempDir private Path directory;
    private FileChannel shared;

    @BeforeEach
    void open() throws IOException {
        shared = FileChannel.open(Files.write(directory.resolve("index"), new byte[64]));
    }

    @AfterEach
    void close() throws IOException {
        scope.close();
        shared.close();
    }

    private static ExecutorService threads(boolean virtual) {
        return virtual
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
    }

    private void read() throws IOException {
        shared.read(ByteBuffer.allocate(8), 0);
    }

    /** As a search in an index that all requests share, and that is not over when the request is. */
    private String search() throws IOException {
        begun.countDown();
        while (!CancelContext.current().isCancelled()) {
            read();
        }
        for (int i = 0; i < READS_AFTER_THE_END; i++) {
            read();
        }
        return "found";
    }

    // ---- when waiting

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTaskThatReadsASharedFileDoesNotCloseIt(boolean virtual) throws Exception {
        try (ExecutorService executor = threads(virtual)) {
            ExecutorService carrying = ContextExecutors.wrap(executor);
            Future<?> search = scope.call(() -> carrying.submit(this::search));
            Bounded.await(begun);
            scope.cancel("client gone");
            assertThatThrownBy(search::get).isInstanceOf(ExecutionException.class);
        }
        assertThat(shared.isOpen()).as("the file that all share is open").isTrue();
    }

    @Test
    void aTaskOfAGroupThatReadsASharedFileDoesNotCloseIt() throws Exception {
        try (TaskGroup group = TaskGroup.open(scope)) {
            ForkedTask<String> search = group.fork(this::search);
            Bounded.await(begun);
            scope.cancel("client gone");
            assertThatThrownBy(group::join).isInstanceOf(CancelledException.class);
            assertThat(search.result()).isEqualTo("found");
        }
        assertThat(shared.isOpen()).as("the file that all share is open").isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoReadsAFileIsInterruptedInItsNextWait(boolean virtual) throws Exception {
        try (ExecutorService executor = threads(virtual)) {
            Future<Boolean> flagAfterwards =
                    executor.submit(
                            () -> {
                                try (InterruptScope own = InterruptScope.openByPolicy(scope)) {
                                    scope.run(this::searchQuietly);
                                    assertThatThrownBy(() -> new SynchronousQueue<>().take())
                                            .isInstanceOf(InterruptedException.class);
                                    // Asking waits for the interrupter, who wakes a platform thread
                                    // before it looks for a channel to close (decision 10).
                                    assertThat(own.interrupted()).isTrue();
                                    read();
                                    return Thread.currentThread().isInterrupted();
                                }
                            });
            Bounded.await(begun);
            scope.cancel("client gone");
            assertThat(flagAfterwards.get()).isFalse();
        }
        assertThat(shared.isOpen()).isTrue();
    }

    private void searchQuietly() {
        try {
            search();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoWaitsForAPlainLockComesToTheNextFileWithoutAnInterrupt(boolean virtual)
            throws Exception {
        ReentrantLock lock = new ReentrantLock();
        lock.lock();
        try (ExecutorService executor = threads(virtual)) {
            Future<Boolean> flagAfterwards =
                    executor.submit(
                            () -> {
                                try (InterruptScope _ = InterruptScope.openByPolicy(scope)) {
                                    lock.lock();
                                    read();
                                    return Thread.currentThread().isInterrupted();
                                }
                            });
            Bounded.until(lock::hasQueuedThreads);
            scope.cancel("client gone");
            // The one that looks after it has looked by now; were it wrong, it would have
            // interrupted.
            CountDownLatch looked = new CountDownLatch(1);
            Future<?> other = sleeperThatEnds(executor, looked);
            Bounded.await(looked);
            other.get();
            lock.unlock();
            assertThat(flagAfterwards.get()).isFalse();
        }
        assertThat(shared.isOpen()).isTrue();
    }

    private Future<?> sleeperThatEnds(ExecutorService executor, CountDownLatch ended) {
        return executor.submit(
                () -> {
                    try (InterruptScope _ = InterruptScope.openByPolicy(scope)) {
                        Thread.sleep(Long.MAX_VALUE);
                    } catch (InterruptedException e) {
                        ended.countDown();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoHasLeftItsWaitSinceTheLookIsNotInterrupted(boolean virtual) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch judged = new CountDownLatch(1);
        FutureTask<Boolean> flag =
                new FutureTask<>(
                        () -> {
                            try (InterruptScope _ = InterruptScope.openByPolicy(scope)) {
                                states.add(ThreadState.ofThisThread());
                                goOn.await();
                                begun.countDown();
                                while (judged.getCount() > 0) {
                                    Thread.onSpinWait();
                                }
                                return Thread.currentThread().isInterrupted();
                            }
                        });
        Thread thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(flag);
        InterruptibleWait look =
                Bounded.eventually(() -> InterruptibleWait.of(thread), Objects::nonNull);
        goOn.countDown();
        Bounded.await(begun);
        scope.cancel("client gone");
        assertThat(states.take().deliverInto(look, true)).isFalse();
        judged.countDown();
        assertThat(Bounded.get(flag)).isFalse();
    }

    @Test
    void nothingIsLeftOfAnInterruptThatNeverCameToAWait() throws Exception {
        ThreadState state = ThreadState.ofThisThread();
        try (InterruptScope interrupts = InterruptScope.openByPolicy(scope)) {
            scope.cancel();
            assertThat(interrupts.interrupted()).isFalse();
        }
        Bounded.until(() -> !state.isWatchNeeded());
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aShieldHoldsItOffAndItsEndLetsItThroughToTheNextWait() {
        try (InterruptScope interrupts = InterruptScope.openByPolicy(scope)) {
            try (InterruptShield _ = InterruptShield.open()) {
                scope.cancel();
            }
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThatThrownBy(() -> Thread.sleep(Long.MAX_VALUE))
                    .isInstanceOf(InterruptedException.class);
            assertThat(interrupts.interrupted()).isTrue();
        }
    }

    // ---- the other policies

    @Test
    void byAlwaysALoopSeesTheFlag() throws Exception {
        assertThat(flagOfALoop(InterruptPolicy.ALWAYS)).isTrue();
    }

    @Test
    void byNeverNothingIsInterrupted() throws Exception {
        assertThat(flagOfALoop(InterruptPolicy.NEVER)).isFalse();
    }

    private boolean flagOfALoop(InterruptPolicy policy) throws Exception {
        CancelScope root =
                CancelContext.background().with(InterruptPolicy.KEY, policy).withCancel();
        try (ExecutorService executor = threads(true)) {
            CountDownLatch looping = new CountDownLatch(1);
            CountDownLatch cancelled = new CountDownLatch(1);
            boolean[] flag = new boolean[1];
            CountDownLatch ended = new CountDownLatch(1);
            Runnable loop =
                    () -> {
                        looping.countDown();
                        while (cancelled.getCount() > 0) {
                            Thread.onSpinWait();
                        }
                        flag[0] = Thread.currentThread().isInterrupted();
                        ended.countDown();
                    };
            executor.execute(root.call(() -> ContextExecutors.wrap(loop, TaskPolicy.FOLLOW)));
            Bounded.await(looping);
            root.cancel();
            cancelled.countDown();
            Bounded.await(ended);
            return flag[0];
        }
    }

    /** The interface says so, and somebody has asked for it. */
    @Test
    void aFuturesCancelInterruptsAtOnce() throws Exception {
        try (ExecutorService executor = threads(true)) {
            CountDownLatch ended = new CountDownLatch(1);
            Future<?> loop =
                    ContextExecutors.wrap(executor)
                            .submit(
                                    () -> {
                                        begun.countDown();
                                        while (!Thread.currentThread().isInterrupted()) {
                                            Thread.onSpinWait();
                                        }
                                        ended.countDown();
                                    });
            Bounded.await(begun);
            loop.cancel(true);
            Bounded.await(ended);
        }
    }
}
