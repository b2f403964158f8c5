// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Starting, stopping, and stopping at the worst moment. */
class EngineLifeTest extends FaceTest {

    private static final int STARTS = 500;

    @Test
    void fiveHundredStartsAndStopsLeaveNothing() throws Exception {
        Set<String> before = Descriptors.open();
        int threads = threads().size();
        for (int i = 0; i < STARTS; i++) {
            try (var other = NetpollEngine.start(engine.config())) {
                var ran = new CountDownLatch(1);
                other.fork("once", ran::countDown);
                Bounded.await(ran);
            }
        }
        Bounded.untilEqual(threads, () -> threads().size());
        Bounded.untilEqual(Set.of(), () -> Descriptors.beyond(before));
    }

    @Test
    void closingTheEngineEndsWhatIsPendingAsClosingAndLeavesTheDescriptorsToTheirOwners()
            throws Exception {
        NetpollListener listener = listen();
        FutureTask<NetpollConnection> accepting = fork(listener::accept);
        client(port(listener));
        NetpollConnection connection = closedAtTheEnd(get(accepting));
        FutureTask<NetpollConnection> acceptingMore = fork(listener::accept);
        FutureTask<Integer> reading = fork(() -> connection.read(ByteBuffer.allocate(1)));
        Bounded.until("the reader waits", () -> engine.snapshot().waiters().read() == 1);
        var found = new AtomicReference<PollResult>();
        var ran = new CountDownLatch(1);
        connection.whenWritable(() -> {});
        engine.close();
        assertThatThrownBy(() -> get(reading)).hasCauseInstanceOf(ClosingException.class);
        assertThatThrownBy(() -> get(acceptingMore)).hasCauseInstanceOf(ClosingException.class);
        connection.whenWritable(
                () -> {
                    found.set(connection.writable());
                    ran.countDown();
                });
        Bounded.await(ran);
        assertThat(found).hasValue(PollResult.CLOSING);
        assertThat(connection.isClosed()).isFalse();
        assertThatThrownBy(() -> connection.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosingException.class);
    }

    @Test
    void whatComesAfterTheEndFailsAndLeavesNoDescriptor() throws Exception {
        NetpollListener listener = listen();
        engine.close();
        engine.close();
        assertThatThrownBy(listener::accept).isInstanceOf(ClosingException.class);
        assertThatThrownBy(this::listen).isInstanceOf(ClosingException.class);
        assertThatThrownBy(() -> engine.connect(listener.localAddress(), SOON))
                .isInstanceOf(IOException.class);
    }

    @Test
    void sleepersParkedThreadsAndNewOnesGoOnElsewhere() throws Exception {
        var parked = new AtomicReference<Thread>();
        var released = new AtomicBoolean();
        FutureTask<Boolean> sleeping =
                fork(
                        () -> {
                            Thread.sleep(Duration.ofMillis(200));
                            return true;
                        });
        FutureTask<Boolean> parking =
                fork(
                        () -> {
                            parked.set(Thread.currentThread());
                            while (!released.get()) {
                                LockSupport.park();
                            }
                            return true;
                        });
        Bounded.until(
                "parked",
                () -> parked.get() != null && parked.get().getState() == Thread.State.WAITING);
        engine.close();
        released.set(true);
        LockSupport.unpark(parked.get());
        assertThat(get(parking)).isTrue();
        assertThat(get(sleeping)).isTrue();
        assertThat(get(fork(() -> true))).isTrue();
    }

    @Test
    void aThreadOfItsOwnMayCloseIt() throws Exception {
        for (int i = 0; i < 50; i++) {
            var other = NetpollEngine.start(engine.config());
            var closing =
                    new FutureTask<Boolean>(
                            () -> {
                                other.close();
                                return true;
                            });
            other.fork("closer", closing);
            assertThat(get(closing)).isTrue();
            assertThat(other.group().failure()).isNull();
        }
        Bounded.until(
                "their carriers have left", () -> threads().size() <= engine.config().loops() + 1);
    }

    @Test
    void closingDoesNotWaitForASliceThatNeverEndsAndThatOneHarmsNobodyWhenItDoes()
            throws Exception {
        var spinning = new CountDownLatch(1);
        var enough = new AtomicBoolean();
        FutureTask<Boolean> spinner =
                fork(
                        () -> {
                            spinning.countDown();
                            while (!enough.get()) {
                                Thread.onSpinWait();
                            }
                            return true;
                        });
        Bounded.await(spinning);
        var closing = new FutureTask<>(engine::close, true);
        Thread.ofPlatform().start(closing);
        assertThat(get(closing)).isTrue();
        assertThat(spinner.isDone()).isFalse();
        enough.set(true);
        assertThat(get(spinner)).isTrue();
    }
}
