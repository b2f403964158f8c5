// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

/** What ends a wait: deadlines, closing, interrupts; from this thread and from others. */
class WaitingTest extends FaceTest {

    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    private FutureTask<Integer> reading(NetpollConnection connection) {
        FutureTask<Integer> task = fork(() -> connection.read(ByteBuffer.allocate(10)));
        Bounded.until("the reader waits", () -> engine.snapshot().waiters().read() == 1);
        return task;
    }

    /** Writes until the socket is full, and then waits. */
    private FutureTask<Void> writing(NetpollConnection connection) {
        FutureTask<Void> task =
                fork(
                        () -> {
                            while (true) {
                                connection.write(ByteBuffer.allocate(1 << 16));
                            }
                        });
        Bounded.until("the writer waits", () -> engine.snapshot().waiters().write() == 1);
        return task;
    }

    private static void assertEndedBy(FutureTask<?> task, Class<? extends IOException> type) {
        assertThatThrownBy(() -> get(task))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(type);
    }

    // ---- deadlines ------------------------------------------------------------------------------

    @Test
    void aDeadlineEndsTheReadNotBeforeItsTimeAndFailsTheNextUntilItIsMoved() throws Exception {
        Pair pair = pair();
        long deadline = in(SHORT);
        pair.ours().setReadDeadline(deadline);
        FutureTask<Integer> first = fork(() -> pair.ours().read(ByteBuffer.allocate(1)));
        assertEndedBy(first, SocketTimeoutException.class);
        assertThat(engine.ticker().nanoTime()).isGreaterThanOrEqualTo(deadline);
        pair.theirs().getOutputStream().write(1);
        assertEndedBy(
                fork(() -> pair.ours().read(ByteBuffer.allocate(1))), SocketTimeoutException.class);

        pair.ours().setReadDeadline(NetpollConnection.NO_DEADLINE);
        assertThat(get(fork(() -> pair.ours().read(ByteBuffer.allocate(1))))).isEqualTo(1);
    }

    @Test
    void aDeadlineSetByAnotherThreadEndsThePendingReadAndNotTheWrite() throws Exception {
        Pair pair = pair();
        FutureTask<Integer> reading = reading(pair.ours());
        pair.ours().setReadDeadline(in(SHORT));
        assertEndedBy(reading, SocketTimeoutException.class);
        pair.ours().write(ByteBuffer.wrap(ascii("fine")));
        assertThat(pair.theirs().getInputStream().readNBytes(4)).asString().isEqualTo("fine");
    }

    @Test
    void aDeadlineBroughtForwardEndsThePendingRead() throws Exception {
        Pair pair = pair();
        pair.ours().setReadDeadline(in(LONG));
        FutureTask<Integer> reading = reading(pair.ours());
        pair.ours().setReadDeadline(in(SHORT));
        assertEndedBy(reading, SocketTimeoutException.class);
    }

    @Test
    void aDeadlineMovedBackDoesNotEndTheReadAtItsOldTime() throws Exception {
        Pair pair = pair();
        long old;
        do {
            old = in(SHORT);
            pair.ours().setReadDeadline(old);
            pair.ours().setReadDeadline(in(LONG));
        } while (engine.ticker().nanoTime() >= old); // moved too late to prove anything
        FutureTask<Integer> reading = fork(() -> pair.ours().read(ByteBuffer.allocate(10)));
        long past = old;
        Bounded.until("the old time is past", () -> in(SHORT.negated()) > past);
        assertThat(reading.isDone()).isFalse();
        pair.theirs().getOutputStream().write(1);
        assertThat(get(reading)).isEqualTo(1);
    }

    @Test
    void aWriteThatTimesOutSaysHowMuchWasSent() throws Exception {
        Pair pair = pair();
        ByteBuffer much = ByteBuffer.allocate(50_000_000);
        FutureTask<Void> writing =
                fork(
                        () -> {
                            pair.ours().write(much);
                            return null;
                        });
        Bounded.until("the writer waits", () -> engine.snapshot().waiters().write() == 1);
        pair.ours().setWriteDeadline(in(SHORT));
        assertEndedBy(writing, SocketTimeoutException.class);
        pair.ours().close();
        long arrived = 0;
        byte[] sink = new byte[1 << 16];
        for (int n; (n = pair.theirs().getInputStream().read(sink)) >= 0; ) {
            arrived += n;
        }
        assertThat(arrived).isEqualTo(much.position()).isPositive();
    }

    @Test
    void expiredEndsBothDirectionsAtOnce() throws Exception {
        Pair pair = pair();
        FutureTask<Integer> reading = reading(pair.ours());
        FutureTask<Void> writing = writing(pair.ours());
        pair.ours().setDeadline(NetpollConnection.EXPIRED);
        assertEndedBy(reading, SocketTimeoutException.class);
        assertEndedBy(writing, SocketTimeoutException.class);
    }

    @Test
    void anArmedDispatchRunsAtTheDeadline() throws Exception {
        Pair pair = pair();
        var found = new AtomicReference<PollResult>();
        var ran = new CountDownLatch(1);
        pair.ours().setReadDeadline(in(SHORT));
        pair.ours()
                .whenReadable(
                        () -> {
                            found.set(pair.ours().readable());
                            ran.countDown();
                        });
        Bounded.await(ran);
        assertThat(found).hasValue(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aThousandDeadlinesAllFireAndEachAtItsOwnTime() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            pairs.add(pair());
        }
        for (int round = 0; round < 20; round++) {
            List<FutureTask<Long>> late = new ArrayList<>();
            for (int i = 0; i < pairs.size(); i++) {
                NetpollConnection connection = pairs.get(i).ours();
                long deadline = in(Duration.ofMillis(1 + (i * 7) % 20));
                late.add(
                        fork(
                                () -> {
                                    connection.setReadDeadline(deadline);
                                    assertThatThrownBy(
                                                    () -> connection.read(ByteBuffer.allocate(1)))
                                            .isInstanceOf(SocketTimeoutException.class);
                                    return engine.ticker().nanoTime() - deadline;
                                }));
            }
            for (FutureTask<Long> lateness : late) {
                assertThat(get(lateness)).isNotNegative();
            }
        }
    }

    // ---- closing --------------------------------------------------------------------------------

    @Test
    void closingEndsReadWriteAndAcceptAsClosing() throws Exception {
        Pair pair = pair();
        FutureTask<Integer> reading = reading(pair.ours());
        FutureTask<Void> writing = writing(pair.ours());
        pair.ours().close();
        assertEndedBy(reading, ClosingException.class);
        assertEndedBy(writing, ClosingException.class);
        assertEndedBy(fork(() -> pair.ours().read(ByteBuffer.allocate(1))), ClosingException.class);

        NetpollListener listener = listen();
        FutureTask<NetpollConnection> accepting = fork(listener::accept);
        Bounded.until("it accepts", () -> listener.desc().hasParked(Mode.READ));
        listener.close();
        assertEndedBy(accepting, ClosingException.class);
    }

    @Test
    void closingRunsTheArmedDispatch() throws Exception {
        Pair pair = pair();
        var found = new AtomicReference<PollResult>();
        var ran = new CountDownLatch(1);
        pair.ours()
                .whenReadable(
                        () -> {
                            found.set(pair.ours().readable());
                            ran.countDown();
                        });
        pair.ours().close();
        Bounded.await(ran);
        assertThat(found).hasValue(PollResult.CLOSING);
    }

    @Test
    void closingWhatIsBusyUnderManyThreadsClosesItOnce() throws Exception {
        for (int i = 0; i < 100; i++) {
            Pair pair = pair();
            fork(() -> pair.ours().read(ByteBuffer.allocate(1)));
            var go = new CountDownLatch(1);
            List<FutureTask<Void>> closers = new ArrayList<>();
            for (int j = 0; j < 4; j++) {
                closers.add(
                        fork(
                                () -> {
                                    go.await();
                                    pair.ours().close();
                                    return null;
                                }));
            }
            go.countDown();
            pair.theirs().close();
            for (FutureTask<Void> closer : closers) {
                get(closer);
            }
        }
    }

    // ---- interrupts -----------------------------------------------------------------------------

    @Test
    void anInterruptEndsTheReadAndTheConnectionGoesOn() throws Exception {
        Pair pair = pair();
        var reader = new AtomicReference<Thread>();
        FutureTask<Boolean> reading =
                fork(
                        () -> {
                            reader.set(Thread.currentThread());
                            assertThatThrownBy(() -> pair.ours().read(ByteBuffer.allocate(1)))
                                    .isInstanceOf(InterruptedIOException.class);
                            return Thread.interrupted();
                        });
        Bounded.until("the reader waits", () -> engine.snapshot().waiters().read() == 1);
        reader.get().interrupt();
        assertThat(get(reading)).as("the status stays").isTrue();

        pair.theirs().getOutputStream().write(ascii("on"));
        assertThat(get(fork(() -> pair.ours().read(ByteBuffer.allocate(5))))).isPositive();
        assertThat(pair.ours().isClosed()).isFalse();
    }

    // ---- platform threads -----------------------------------------------------------------------

    @Test
    void aPlatformThreadMayWaitToo() throws Exception {
        Pair pair = pair();
        var task = new FutureTask<>(() -> pair.ours().read(ByteBuffer.allocate(5)));
        Thread.ofPlatform().start(task);
        Bounded.until("the reader waits", () -> engine.snapshot().waiters().read() == 1);
        pair.theirs().getOutputStream().write(1);
        assertThat(get(task)).isEqualTo(1);
        pair.ours().setReadDeadline(in(SHORT));
        assertThatThrownBy(() -> pair.ours().read(ByteBuffer.allocate(5)))
                .isInstanceOf(SocketTimeoutException.class);
    }
}
