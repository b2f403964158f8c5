// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.PollResult;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What one failing poll, event or timer costs, and what it must not cost. */
class PollFaultTest {

    /** The first descriptor that the scripted kernel gives out. */
    private static final int FIRST_INSTANCE = 100;

    private final ManualTicker ticker = new ManualTicker(1_000);
    private final RecordingLoop loop = new RecordingLoop();
    private final ScriptedKernel kernel = new ScriptedKernel();
    private final PollTable table = new PollTable();
    private final SyscallErrors errors = new SyscallErrors();
    private EpollPoller poller;

    @BeforeEach
    void open() throws IOException {
        poller = new EpollPoller(kernel, ticker, table, errors);
    }

    private PollDesc registered(RecordingLoop owner) throws IOException {
        kernel.answer(0);
        return poller.register(owner, kernel.newFd()).desc();
    }

    private int poll() {
        return poller.dispatch(poller.await(0));
    }

    // ---- epoll_wait(2) --------------------------------------------------------------------------

    /** Every errno of its manual page but EINTR. */
    @ParameterizedTest
    @EnumSource(names = {"EBADF", "EFAULT", "EINVAL"})
    void aPollThatFailsIsFollowedByANewInstanceWithTheLoopsDescriptors(Errno errno)
            throws IOException {
        PollDesc first = registered(loop);
        PollDesc second = registered(loop);
        registered(new RecordingLoop());
        kernel.answer(errno);
        assertThatThrownBy(this::poll).hasMessage("epoll_wait: " + errno);

        kernel.answer(0, 0); // two epoll_ctl, and no third
        poller.recover(loop);
        assertThat(kernel.exhausted()).isTrue();
        boolean ours = errno == Errno.EFAULT;
        assertThat(kernel.closed).as("a number that is not ours").hasSize(ours ? 1 : 0);
        assertThat(kernel.open.contains(FIRST_INSTANCE)).isEqualTo(!ours);
        kernel.open.remove(FIRST_INSTANCE); // no call may use it from here on
        kernel.event(PollTable.data(first), Masks.IN);
        kernel.event(PollTable.data(second), Masks.IN);
        assertThat(poll()).isEqualTo(2);
        poller.wakeUp();
    }

    @Test
    void aPollThatASignalInterruptsHasFoundNothing() throws IOException {
        registered(loop);
        kernel.answer(Errno.EINTR);
        assertThat(poll()).isZero();
        poller.recover(loop);
        assertThat(poll()).isZero();
    }

    @Test
    void aDescriptorThatCannotBeMovedFailsAndTheOthersGoOn() throws IOException {
        PollDesc lost = registered(loop);
        PollDesc other = registered(loop);
        Dispatch dispatch = () -> {};
        lost.arm(Mode.READ, dispatch);
        kernel.answer(Errno.EBADF);
        assertThatThrownBy(this::poll).hasMessage("epoll_wait: EBADF");
        kernel.answer(-Errno.EBADF.number(), 0);
        poller.recover(loop);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(lost.startedBy(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(other.check(Mode.READ)).isEqualTo(PollResult.READY);
    }

    // ---- events ---------------------------------------------------------------------------------

    @Test
    void anEventThatFailsEndsItsConnectionAndTheOthersHaveTheirs() throws IOException {
        PollDesc broken = registered(loop);
        PollDesc other = registered(loop);
        Dispatch dispatch = () -> {};
        broken.arm(Mode.READ, () -> {});
        broken.arm(Mode.WRITE, () -> {});
        other.arm(Mode.READ, dispatch);
        loop.broken = new StackOverflowError("thrown to see the others go on");
        kernel.event(PollTable.data(broken), Masks.IN | Masks.OUT);
        kernel.event(PollTable.data(other), Masks.IN);
        assertThat(poll()).isEqualTo(2);
        assertThat(loop.failures).singleElement().isInstanceOf(StackOverflowError.class);
        assertThat(loop.started).as("its writer, and the other").hasSize(2).endsWith(dispatch);
        assertThat(broken.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(other.check(Mode.READ)).isEqualTo(PollResult.READY);
    }

    @Test
    void theEventsOfAPollWhoseRoundFailedAreHandedOutByTheNext() throws IOException {
        PollDesc first = registered(loop);
        PollDesc second = registered(loop);
        kernel.event(PollTable.data(first), Masks.IN);
        kernel.event(PollTable.data(second), Masks.IN);
        kernel.during = () -> ticker.whenRead = this::failOnce;
        assertThatThrownBy(this::poll).isInstanceOf(OutOfMemoryError.class);
        kernel.during = () -> {};
        assertThat(poll()).isEqualTo(2);
        assertThat(first.slot(Mode.READ).hasEvent()).isTrue();
        assertThat(second.slot(Mode.READ).hasEvent()).isTrue();
        assertThat(poll()).isZero();
    }

    private void failOnce() {
        ticker.whenRead = () -> {};
        throw new OutOfMemoryError("scripted");
    }

    // ---- descriptors ----------------------------------------------------------------------------

    @Test
    void aDescriptorGoesBackToTheKernelThoughItsWaiterCannotBeWoken() throws IOException {
        kernel.answer(0);
        int fd = kernel.newFd();
        PolledFd polled = poller.register(loop, fd);
        Dispatch writer = () -> {};
        polled.desc().arm(Mode.READ, () -> {});
        polled.desc().arm(Mode.WRITE, writer);
        loop.broken = new OutOfMemoryError("scripted");
        assertThatThrownBy(polled::close).isInstanceOf(OutOfMemoryError.class);
        assertThat(kernel.closed).containsExactly(fd);
        assertThat(loop.started).containsExactly(writer);
    }

    @Test
    void aDescriptorThatCannotBeRegisteredForWantOfMemoryIsClosed() {
        int fd = kernel.newFd();
        kernel.during =
                () -> {
                    throw new OutOfMemoryError("scripted");
                };
        assertThatThrownBy(() -> poller.register(loop, fd)).isInstanceOf(OutOfMemoryError.class);
        assertThat(kernel.closed).containsExactly(fd);
        List<PollDesc> left = new ArrayList<>();
        table.forEach(left::add);
        assertThat(left).isEmpty();
        kernel.during = () -> {};
        poller.close();
        assertThat(kernel.open).as("its gate was left").isEmpty();
    }

    // ---- timers ---------------------------------------------------------------------------------

    private static final class Failing extends Timer {

        private final Error error;
        int fired;

        Failing(Error error) {
            this.error = error;
        }

        @Override
        protected void fire(long now) {
            fired++;
            if (fired == 1) {
                throw error;
            }
        }
    }

    @Test
    void aTimerThatFailsCostsTheOthersNothing() {
        List<Throwable> failures = new ArrayList<>();
        var timers = new TimerQueue(failures::add);
        var broken = new Failing(new ThreadDeath());
        var other = new Failing(new AssertionError("never thrown"));
        other.fired = 1;
        timers.arm(broken, 10);
        timers.arm(other, 20);
        assertThat(timers.expire(20)).isEqualTo(2);
        assertThat(failures).containsExactly(broken.error);
        assertThat(other.fired).isEqualTo(2);
        assertThat(timers.size()).as("a fault of its own is not repeated").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aTimerThatLackedMemoryOrStackFiresAgain(Lack lack) {
        List<Throwable> failures = new ArrayList<>();
        var timers = new TimerQueue(failures::add);
        var broken = new Failing(lack.error());
        timers.arm(broken, 10);
        timers.expire(10);
        assertThat(broken.fired).isEqualTo(1);
        assertThat(timers.size()).isEqualTo(1);
        timers.expire(timers.earliest());
        assertThat(broken.fired).isEqualTo(2);
        assertThat(timers.size()).isZero();
        assertThat(failures).hasSize(1);
    }

    enum Lack {
        MEMORY,
        STACK;

        Error error() {
            return this == MEMORY ? new OutOfMemoryError("scripted") : new StackOverflowError();
        }
    }

    @Test
    void aDeadlineWhoseTimerLackedMemoryExpiresAllTheSame() throws IOException {
        PollDesc desc = registered(loop);
        Dispatch dispatch = () -> {};
        desc.arm(Mode.WRITE, dispatch);
        desc.arm(Mode.READ, () -> {});
        desc.setDeadline(Mode.READ, 2_000);
        desc.setDeadline(Mode.WRITE, 2_000);
        loop.broken = new OutOfMemoryError("scripted");
        loop.timers().expire(2_000);
        assertThat(loop.failures).hasSize(1);
        assertThat(loop.started).as("the reader's start failed, the writer's not").hasSize(1);
        assertThat(desc.check(Mode.WRITE)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }
}
