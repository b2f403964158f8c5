// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.Socket;
import java.util.AbstractList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Whatever fails on a carrier, its loop goes on: with it, or with another. */
class LoopFaultTest {

    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private final FaultyKernel faulty = new FaultyKernel();
    private final Queue<Throwable> startFailures = new ConcurrentLinkedQueue<>();

    private ManualLoops manual;
    private EventLoop loop;
    private AcceptedFd accepted;
    private Socket client;
    private PolledFd polled;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(1, faulty.kernel(), this::failingStarts);
        loop = manual.first();
        accepted = AcceptedFd.on(loop, faulty.real());
        client = accepted.client();
        polled = accepted.polled();
    }

    @AfterEach
    void close() throws Exception {
        accepted.close();
        manual.close();
    }

    private ThreadFactory failingStarts(ThreadFactory threads) {
        return task -> {
            Throwable failure = startFailures.poll();
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException exception) {
                throw exception;
            }
            return threads.newThread(task);
        };
    }

    /** The socket's bytes start a thread, timers fire, continuations run: on the loop's own carrier. */
    private void itServes() throws IOException {
        var started = new CountDownLatch(1);
        polled.desc().arm(Mode.READ, started::countDown);
        client.getOutputStream().write(1);
        Bounded.await(started);
        var fired = new CountDownLatch(1);
        loop.arm(new Signal(fired), manual.clock.nanoTime());
        Bounded.await(fired);
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        Bounded.await(ran);
        Bounded.until("it is well", () -> loop.health().isWell());
    }

    /** Its second sleep: a socket that is writable ends the first. */
    private void awaitItsSleep() {
        Bounded.until("it sleeps", () -> loop.snapshot().events() > 0 && loop.isSleeping());
    }

    /** Nobody else would wake it: the group's monitor has ended by then. */
    @Test
    void aSignalThatFailsWhenTheGroupClosesIsGivenAgain() throws Exception {
        var group = new LoopGroup(faulty.kernel(), manual.clock, "closing", 2, CarrierMode.LOOP);
        Bounded.until("all sleep", () -> group.loops().stream().allMatch(LoopState::isSleeping));
        faulty.fail("eventFdSignal", new OutOfMemoryError("scripted"));
        faulty.fail("eventFdSignal", new OutOfMemoryError("scripted"));
        group.close();
        Bounded.until("the carriers have left", () -> group.carriers() == 0);
        assertThat(group.failures()).isEqualTo(2);
    }

    private static final class Signal extends Timer {
        private final CountDownLatch fired;

        Signal(CountDownLatch fired) {
            this.fired = fired;
        }

        @Override
        protected void fire(long now) {
            fired.countDown();
        }
    }

    // ---- the poll -------------------------------------------------------------------------------

    /** Every errno of epoll_wait's manual page. */
    @ParameterizedTest
    @EnumSource(names = {"EBADF", "EFAULT", "EINTR", "EINVAL"})
    void aLoopWhosePollFailsServesAllTheSame(Errno errno) throws Exception {
        faulty.fail("epollWait", errno, 1);
        loop.startCarrier();
        Bounded.until("it has failed", () -> faulty.hasFailed("epollWait"));
        itServes();
        if (faulty.instances.size() > 1 && errno != Errno.EFAULT) {
            faulty.real()
                    .close(faulty.instances.getFirst()); // which it could not know to be its own
        }
    }

    @Test
    void aPollThatThrowsCostsNothingButItself() throws Exception {
        faulty.fail("epollWait", new OutOfMemoryError("scripted"));
        faulty.fail("epollWait", new StackOverflowError("scripted"));
        faulty.fail("epollWait", new ThreadDeath());
        loop.startCarrier();
        Bounded.until("it has failed", () -> faulty.hasFailed("epollWait"));
        itServes();
    }

    @Test
    void whileNoPollSucceedsTimersFireAndContinuationsRunAndNoConnectionComes() throws Exception {
        var group = new LoopGroup(faulty.kernel(), manual.clock, "ailing", 2, CarrierMode.LOOP);
        EventLoop ailing = group.loops().getFirst();
        assertThat(group.leastLoaded()).isSameAs(ailing);
        int instance = faulty.instances.get(faulty.instances.size() - 2);
        faulty.refusesInstances = true;
        faulty.deadInstance = instance;
        Bounded.until(
                "it ails",
                () -> {
                    ailing.wakeIfSleeping();
                    return !ailing.health().isWell();
                });
        assertThat(group.leastLoaded()).isNotSameAs(ailing);
        assertThat(group.failure()).hasMessageContaining("E");
        var fired = new CountDownLatch(1);
        ailing.arm(new Signal(fired), manual.clock.nanoTime());
        Bounded.await(fired);
        var ran = new CountDownLatch(1);
        ailing.execute(ran::countDown);
        Bounded.await(ran);
        faulty.refusesInstances = false;
        Bounded.until("it is well again", () -> ailing.health().isWell());
        assertThat(group.failure()).isNull();
        assertThat(group.leastLoaded()).isSameAs(ailing);
        group.close();
        faulty.real().close(instance);
    }

    // ---- starts and signals ---------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            classes = {
                OutOfMemoryError.class,
                StackOverflowError.class,
                ThreadDeath.class,
                IllegalStateException.class
            })
    void aDispatchWhoseThreadCannotBeStartedIsStartedLater(Class<? extends Throwable> kind)
            throws Exception {
        loop.startCarrier();
        ManualLoops.turnAround(loop);
        for (int i = 0; i < 3; i++) {
            startFailures.add(kind.getDeclaredConstructor().newInstance());
        }
        itServes();
        assertThat(startFailures).isEmpty();
    }

    @Test
    void moreLateStartsThanThereArePlacesAreAllStarted() throws Exception {
        loop.startCarrier();
        int count = 3_000;
        for (int i = 0; i < count; i++) {
            startFailures.add(new OutOfMemoryError("scripted"));
        }
        var started = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            loop.start(started::countDown, false);
        }
        Bounded.await(started);
    }

    @Test
    void aDispatchWhoseThreadCannotBeStartedWhenTheLoopClosesIsStartedElsewhere() throws Exception {
        loop.startCarrier();
        manual.close(loop);
        startFailures.add(new OutOfMemoryError("scripted"));
        var started = new CountDownLatch(1);
        loop.start(started::countDown, false);
        Bounded.await(started);
    }

    @Test
    void aSignalThatFailsIsGivenByTheNextThatBringsWork() throws Exception {
        loop.startCarrier();
        awaitItsSleep();
        faulty.fail("eventFdSignal", new OutOfMemoryError("scripted"));
        faulty.fail("eventFdSignal", Errno.EBADF, 1);
        var ran = new CountDownLatch(3);
        loop.execute(ran::countDown);
        loop.execute(ran::countDown);
        loop.execute(ran::countDown);
        Bounded.await(ran);
    }

    @Test
    void aSignalThatFailsIsGivenAgainByTheMonitor() throws Exception {
        var monitor =
                new StallMonitor(
                        manual.group, manual.loops, new Search(manual.loops), "never-started");
        loop.startCarrier();
        awaitItsSleep();
        faulty.fail("eventFdSignal", new OutOfMemoryError("scripted"));
        var ran = new CountDownLatch(1);
        loop.execute(ran::countDown);
        assertThat(ran.getCount()).isEqualTo(1);
        assertThat(monitor.look()).as("it looks again soon").isTrue();
        Bounded.await(ran);
    }

    // ---- timed parks ----------------------------------------------------------------------------

    /** The JDK's code between a thread's unmounting and its timer throws. */
    private void theNextTimerCannotBeMade() {
        var once = new AtomicBoolean(true);
        manual.clock.whenRead =
                () -> {
                    if (isIn("schedule") && once.getAndSet(false)) {
                        throw new StackOverflowError("scripted");
                    }
                };
    }

    @Test
    void aThreadWhoseTimedParkCannotBeTimedGoesOn() {
        loop.startCarrier();
        theNextTimerCannotBeMade();
        Bounded.join(loop.start("parks", () -> LockSupport.parkNanos(HOUR_NANOS)));
        assertThat(manual.group.failures()).isEqualTo(1);
    }

    @Test
    void aThreadWhoseTimedWaitCannotBeTimedGoesOn() {
        loop.startCarrier();
        theNextTimerCannotBeMade();
        var monitor = new Object();
        Bounded.join(loop.start("waits", () -> awaitNotify(monitor)));
        assertThat(manual.group.failures()).isEqualTo(1);
    }

    @SuppressWarnings("WaitNotInLoop") // it is to come back without having been notified
    private static void awaitNotify(Object monitor) {
        synchronized (monitor) {
            try {
                monitor.wait(HOUR_NANOS / 1_000_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    // ---- carriers -------------------------------------------------------------------------------

    @Test
    void aCarrierThatDiesIsReplaced() throws Exception {
        var monitor =
                new StallMonitor(
                        manual.group, manual.loops, new Search(manual.loops), "never-started");
        loop.startCarrier();
        Carrier first = loop.owner();
        var once = new AtomicBoolean(true);
        manual.clock.whenRead =
                () -> {
                    if (Thread.currentThread() == first
                            && isIn("runSlices")
                            && once.getAndSet(false)) {
                        throw new OutOfMemoryError("scripted");
                    }
                };
        loop.wakeIfSleeping();
        Bounded.until("it is orphaned", () -> loop.health().isOrphaned());
        assertThat(loop.health().isWell()).isFalse();
        monitor.look();
        assertThat(loop.owner()).isNotSameAs(first);
        Bounded.join(first);
        itServes();
        assertThat(manual.group.carriers()).isEqualTo(1);
    }

    @Test
    void aCarrierThatDiesInASliceThatCostItTheLoopIsNotReplacedOnceMore() throws Exception {
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        assertThat(loop.handOver(loop.turn(), manual.clock.nanoTime())).isTrue();
        assertThat(loop.diesAsOwner(first)).isFalse();
        BlockingSlice next = BlockingSlice.on(loop);
        assertThat(loop.diesAsOwner(first)).as("the slice now is another's").isFalse();
        assertThat(loop.diesAsOwner(loop.owner())).isTrue();
        assertThat(loop.inSlice()).as("what it died in has ended").isFalse();
        slice.end();
        next.end();
        Bounded.until("both have left", () -> manual.group.carriers() == 0);
        loop.close();
        loop.leave();
        loop.release();
    }

    private static boolean isIn(String method) {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(f -> f.getMethodName().equals(method)));
    }

    @Test
    void aContinuationThatFailsInWhateverWayCostsTheLoopNothing() throws Exception {
        loop.startCarrier();
        Carrier carrier = loop.owner();
        for (Error error :
                List.of(new OutOfMemoryError(), new StackOverflowError(), new ThreadDeath())) {
            loop.execute(
                    () -> {
                        throw error;
                    });
        }
        itServes();
        assertThat(loop.owner()).isSameAs(carrier);
        assertThat(manual.group.failures()).isEqualTo(3);
    }

    @Test
    void theMonitorOutlivesLooksThatFail() {
        var looks = new AtomicInteger();
        List<EventLoop> broken =
                new AbstractList<>() {
                    @Override
                    public EventLoop get(int index) {
                        looks.incrementAndGet();
                        throw new OutOfMemoryError("scripted");
                    }

                    @Override
                    public int size() {
                        return 1;
                    }
                };
        var monitor = new StallMonitor(manual.group, broken, new Search(broken), "failing-monitor");
        monitor.start();
        Bounded.until("it looks again and again", () -> looks.get() > 5);
        monitor.close();
        Bounded.join(monitor);
    }

    /** What a look at one loop lacks, the next may not need. */
    @Test
    void aLookThatFailsAtOneLoopComesToTheNext() throws Exception {
        List<EventLoop> firstBroken =
                new AbstractList<>() {
                    @Override
                    public EventLoop get(int index) {
                        if (index == 0) {
                            throw new OutOfMemoryError("scripted");
                        }
                        return loop;
                    }

                    @Override
                    public int size() {
                        return 2;
                    }
                };
        var monitor =
                new StallMonitor(
                        manual.group, firstBroken, new Search(List.of(loop)), "never-started");
        loop.startCarrier();
        Carrier first = loop.owner();
        BlockingSlice slice = BlockingSlice.on(loop);
        monitor.look();
        manual.pass(StallMonitor.STALL_NANOS);
        monitor.look();
        assertThat(loop.owner()).isNotSameAs(first);
        slice.end();
        Bounded.join(first);
    }
}
