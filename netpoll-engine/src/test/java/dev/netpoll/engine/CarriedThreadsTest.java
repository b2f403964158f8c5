// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

/** Virtual threads carried by loops do all that virtual threads do. */
class CarriedThreadsTest {

    private static final String NAME = "carried-test";

    private NetpollEngine engine;

    @BeforeEach
    void start() throws IOException {
        engine = NetpollEngine.start(new EngineConfig(NAME, 2, CarrierMode.LOOP));
    }

    @AfterEach
    void nothingIsLeft() {
        Bounded.until(
                "spare carriers have left",
                () -> engine.snapshot().carriers() == engine.config().loops());
        engine.close();
        assertThat(engine.group().failure()).isNull();
        Bounded.until(
                "the carriers have left",
                () ->
                        Thread.getAllStackTraces().keySet().stream()
                                .noneMatch(thread -> thread.getName().startsWith(NAME)));
    }

    private <T> FutureTask<T> fork(Callable<T> work) {
        var task = new FutureTask<>(work);
        engine.fork("test", task);
        return task;
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        return task.get(20, TimeUnit.SECONDS);
    }

    private void restartWithOneLoop() throws IOException {
        engine.close();
        engine = NetpollEngine.start(new EngineConfig(NAME, 1, CarrierMode.LOOP));
    }

    private long sum(ToLongFunction<LoopSnapshot> column) {
        return engine.snapshot().loops().stream().mapToLong(column).sum();
    }

    /** A mounted virtual thread's name ends with its carrier's. */
    private static boolean isCarriedByALoop() {
        return Thread.currentThread().toString().contains(NAME + "-carrier-");
    }

    // ---- whose threads they are -----------------------------------------------------------------

    @Test
    void whatACarriedThreadStartsIsCarriedToo() throws Exception {
        FutureTask<List<Boolean>> asking =
                fork(
                        () -> {
                            List<Boolean> answers = new ArrayList<>();
                            answers.add(isCarriedByALoop());
                            var started = new FutureTask<>(CarriedThreadsTest::isCarriedByALoop);
                            Thread.startVirtualThread(started);
                            answers.add(get(started));
                            try (ExecutorService executor =
                                    Executors.newVirtualThreadPerTaskExecutor()) {
                                answers.add(
                                        executor.submit(CarriedThreadsTest::isCarriedByALoop)
                                                .get());
                            }
                            return answers;
                        });
        assertThat(get(asking)).containsExactly(true, true, true);
    }

    // ---- blocking -------------------------------------------------------------------------------

    @Test
    void monitorsExcludeOneAnotherAcrossAndWithinLoops() throws Exception {
        var lock = new Object();
        int[] count = {0};
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tasks.add(
                    fork(
                            () -> {
                                for (int j = 0; j < 100; j++) {
                                    synchronized (lock) {
                                        int before = count[0];
                                        if (j % 10 == 0) {
                                            Thread.yield();
                                        }
                                        count[0] = before + 1;
                                    }
                                }
                                return null;
                            }));
        }
        for (FutureTask<Void> task : tasks) {
            get(task);
        }
        assertThat(count[0]).isEqualTo(10_000);
    }

    @Test
    void objectWaitIsNotifiedInterruptedAndTimesOut() throws Exception {
        var lock = new Object();
        var turn = new AtomicInteger();
        List<FutureTask<Void>> players = new ArrayList<>();
        for (int player = 0; player < 2; player++) {
            int mine = player;
            players.add(
                    fork(
                            () -> {
                                for (int i = 0; i < 1_000; i++) {
                                    synchronized (lock) {
                                        while (turn.get() % 2 != mine) {
                                            lock.wait();
                                        }
                                        turn.incrementAndGet();
                                        lock.notifyAll();
                                    }
                                }
                                return null;
                            }));
        }
        for (FutureTask<Void> player : players) {
            get(player);
        }
        assertThat(turn).hasValue(2_000);

        FutureTask<Long> timed =
                fork(
                        () -> {
                            long begin = System.nanoTime();
                            synchronized (lock) {
                                lock.wait(20);
                            }
                            return System.nanoTime() - begin;
                        });
        assertThat(get(timed)).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
    }

    @Test
    void locksConditionsSemaphoresAndQueuesWorkAgainstPlatformThreads() throws Exception {
        var lock = new ReentrantLock();
        Condition changed = lock.newCondition();
        var semaphore = new Semaphore(0);
        var queue = new ArrayBlockingQueue<Integer>(3);
        AtomicInteger state = new AtomicInteger();
        FutureTask<Integer> carried =
                fork(
                        () -> {
                            lock.lock();
                            try {
                                while (state.get() == 0) {
                                    changed.await();
                                }
                            } finally {
                                lock.unlock();
                            }
                            semaphore.acquire();
                            int sum = 0;
                            for (int i = 0; i < 1_000; i++) {
                                sum += queue.take();
                            }
                            return sum;
                        });
        lock.lock();
        try {
            state.set(1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        semaphore.release();
        for (int i = 0; i < 1_000; i++) {
            assertThat(queue.offer(1, 20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(get(carried)).isEqualTo(1_000);
    }

    // ---- time -----------------------------------------------------------------------------------

    @Test
    void sleepsAndTimedParksLastAtLeastTheirTime() throws Exception {
        List<FutureTask<Long>> sleeps = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long nanos = 100_000 + i * 97_000L;
            boolean park = i % 2 == 0;
            sleeps.add(
                    fork(
                            () -> {
                                long begin = System.nanoTime();
                                if (park) {
                                    while (System.nanoTime() - begin < nanos) {
                                        LockSupport.parkNanos(nanos - (System.nanoTime() - begin));
                                    }
                                } else {
                                    Thread.sleep(Duration.ofNanos(nanos));
                                }
                                return System.nanoTime() - begin - nanos;
                            }));
        }
        for (FutureTask<Long> sleep : sleeps) {
            assertThat(get(sleep)).isNotNegative();
        }
        assertThat(sum(LoopSnapshot::timers)).isZero();
    }

    @Test
    void aSleepIsATimerOfTheLoopAndAnUnparkTakesItOut() throws Exception {
        var sleeper = new AtomicReference<Thread>();
        FutureTask<Boolean> sleeping =
                fork(
                        () -> {
                            sleeper.set(Thread.currentThread());
                            LockSupport.parkNanos(TimeUnit.HOURS.toNanos(1));
                            return true;
                        });
        Bounded.until("it sleeps on a loop", () -> sum(LoopSnapshot::timers) == 1);
        LockSupport.unpark(sleeper.get());
        assertThat(get(sleeping)).isTrue();
        assertThat(sum(LoopSnapshot::timers)).isZero();
    }

    @Test
    void theLongestSleepOfAllSleepsAndCanBeInterrupted() throws Exception {
        var sleeper = new AtomicReference<Thread>();
        FutureTask<Boolean> sleeping =
                fork(
                        () -> {
                            sleeper.set(Thread.currentThread());
                            Thread.sleep(Long.MAX_VALUE);
                            return true;
                        });
        // The slice that sets the timer is counted when it is over.
        Bounded.until(
                "it sleeps on a loop",
                () -> sum(LoopSnapshot::timers) == 1 && sum(LoopSnapshot::slices) > 0);
        long before = sum(LoopSnapshot::slices);
        int others = 100;
        for (int i = 0; i < others; i++) {
            get(fork(() -> true));
        }
        assertThat(sum(LoopSnapshot::slices) - before)
                .as("slices while it slept: the others' and no more")
                .isLessThanOrEqualTo(others);
        sleeper.get().interrupt();
        assertThatThrownBy(() -> get(sleeping)).hasCauseInstanceOf(InterruptedException.class);
    }

    // ---- helping each other ---------------------------------------------------------------------

    @Test
    void anIdleLoopStealsFromABusyOne() throws Exception {
        Bounded.until("something was stolen", this::twoSpinnersMeet);
    }

    /** Both are started on one loop and neither ends before the other runs. */
    private boolean twoSpinnersMeet() {
        var running = new AtomicInteger();
        FutureTask<Boolean> meeting =
                fork(
                        () -> {
                            List<Thread> spinners = new ArrayList<>();
                            for (int i = 0; i < 2; i++) {
                                spinners.add(
                                        Thread.startVirtualThread(
                                                () -> {
                                                    running.incrementAndGet();
                                                    while (running.get() < 2) {
                                                        Thread.onSpinWait();
                                                    }
                                                }));
                            }
                            for (Thread spinner : spinners) {
                                spinner.join();
                            }
                            return true;
                        });
        try {
            return get(meeting) && sum(LoopSnapshot::stolen) > 0;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---- stuck carriers -------------------------------------------------------------------------

    @Test
    void aSliceThatSpinsLosesItsLoopAndItsNeighboursRun() throws Exception {
        restartWithOneLoop();
        var stuckIn = new ConcurrentLinkedQueue<String>();
        engine.addStallListener((_, stuck, _) -> methodsOf(stuck).forEach(stuckIn::add));
        var enough = new AtomicBoolean();
        FutureTask<Boolean> spinner = forkSpinner(enough);
        assertNeighboursRunWhile(spinner);
        // At least one: a neighbour that a busy machine keeps from its processor stalls as well.
        Bounded.until("the stall was counted", () -> sum(LoopSnapshot::stalls) >= 1);
        assertThat(engine.snapshot().carriers()).isGreaterThanOrEqualTo(2);
        Bounded.until("the listener was told", () -> stuckIn.contains("spinUntil"));
        enough.set(true);
        assertThat(get(spinner)).isTrue();
    }

    @Test
    void aStallListenerThatThrowsEndsNeitherTheMonitorNorTheOthers() throws Exception {
        restartWithOneLoop();
        var told = ConcurrentHashMap.<Thread>newKeySet();
        engine.addStallListener(
                (_, _, _) -> {
                    throw new IllegalStateException("thrown to see the others told all the same");
                });
        engine.addStallListener((_, stuck, _) -> told.add(stuck));
        for (int i = 0; i < 3; i++) {
            var enough = new AtomicBoolean();
            FutureTask<Boolean> spinner = forkSpinner(enough);
            int before = i;
            Bounded.until("told of one more", () -> told.size() > before);
            enough.set(true);
            assertThat(get(spinner)).isTrue();
        }
    }

    private FutureTask<Boolean> forkSpinner(AtomicBoolean enough) throws Exception {
        var spinning = new CountDownLatch(1);
        FutureTask<Boolean> spinner =
                fork(
                        () -> {
                            spinUntil(enough, spinning);
                            return true;
                        });
        Bounded.await(spinning);
        return spinner;
    }

    private static void spinUntil(AtomicBoolean enough, CountDownLatch spinning) {
        spinning.countDown();
        while (!enough.get()) {
            Thread.onSpinWait();
        }
    }

    private static List<String> methodsOf(Thread thread) {
        return Arrays.stream(thread.getStackTrace()).map(StackTraceElement::getMethodName).toList();
    }

    @Test
    void aSliceInANativeCallLosesItsLoopAndItsNeighboursRun() throws Exception {
        restartWithOneLoop();
        try (var pipe = new BlockingPipe()) {
            var calling = new CountDownLatch(1);
            FutureTask<Boolean> caller =
                    fork(
                            () -> {
                                calling.countDown();
                                return pipe.readOne();
                            });
            Bounded.await(calling);
            assertNeighboursRunWhile(caller);
            pipe.writeOne();
            assertThat(get(caller)).isTrue();
        }
    }

    @Test
    void moreSpinnersThanLoopsStillLeaveRoomForOthers() throws Exception {
        var enough = new AtomicBoolean();
        List<FutureTask<Boolean>> spinners = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            spinners.add(forkSpinner(enough));
        }
        assertNeighboursRunWhile(spinners.getFirst());
        enough.set(true);
        for (FutureTask<Boolean> spinner : spinners) {
            assertThat(get(spinner)).isTrue();
        }
    }

    private void assertNeighboursRunWhile(FutureTask<Boolean> stuck) throws Exception {
        List<FutureTask<Boolean>> neighbours = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            neighbours.add(fork(stuck::isDone));
        }
        for (FutureTask<Boolean> neighbour : neighbours) {
            assertThat(get(neighbour)).as("the other was done first").isFalse();
        }
    }

    /** pipe(2), read in a way that blocks the carrier. */
    private static final class BlockingPipe implements AutoCloseable {

        private static final Linker LINKER = Linker.nativeLinker();
        private static final MethodHandle PIPE =
                link("pipe", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        private static final MethodHandle CLOSE =
                link("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        private static final FunctionDescriptor TRANSFER =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG);
        private static final MethodHandle READ = link("read", TRANSFER);
        private static final MethodHandle WRITE = link("write", TRANSFER);

        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(8);
        private final int in;
        private final int out;

        BlockingPipe() {
            try {
                MemorySegment ends = arena.allocate(8);
                assertThat((int) PIPE.invokeExact(ends)).isZero();
                in = ends.get(ValueLayout.JAVA_INT, 0);
                out = ends.get(ValueLayout.JAVA_INT, 4);
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        private static MethodHandle link(String name, FunctionDescriptor descriptor) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
        }

        boolean readOne() {
            try {
                return (long) READ.invokeExact(in, buffer, 1L) == 1;
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        void writeOne() {
            try {
                assertThat((long) WRITE.invokeExact(out, buffer, 1L)).isEqualTo(1);
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public void close() {
            try {
                assertThat((int) CLOSE.invokeExact(in)).isZero();
                assertThat((int) CLOSE.invokeExact(out)).isZero();
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
            arena.close();
        }
    }
}
