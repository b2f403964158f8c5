// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Events find their descriptor or nobody; numbers are never used once they are given back. */
class EpollPollerTest {

    private static final long WAKE_UP = -1;

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

    private PolledFd registered(int fd) throws IOException {
        kernel.answer(0);
        return poller.register(loop, fd);
    }

    private int poll() {
        return poller.dispatch(poller.await(0));
    }

    @Test
    void anEventReachesItsDescriptor() throws IOException {
        PollDesc desc = registered(kernel.newFd()).desc();
        kernel.event(PollTable.data(desc), Masks.IN);
        assertThat(poll()).isEqualTo(1);
        assertThat(desc.slot(Mode.READ).hasEvent()).isTrue();
        assertThat(desc.slot(Mode.WRITE).hasEvent()).isFalse();
    }

    @Test
    void anEventOfAClosedDescriptorNeverReachesTheNextOwnerOfItsNumber() throws IOException {
        int fd = kernel.newFd();
        PolledFd first = registered(fd);
        long stale = PollTable.data(first.desc());
        first.close();
        kernel.open.add(fd); // the kernel gives the number out again
        PolledFd second = registered(fd);

        kernel.event(stale, Masks.IN | Masks.RDHUP | Masks.HUP);
        assertThat(poll()).isZero();
        assertThat(second.desc().slot(Mode.READ).hasEvent()).isFalse();
        assertThat(second.desc().peerClosed()).isFalse();

        kernel.event(PollTable.data(second.desc()), Masks.IN);
        assertThat(poll()).isEqualTo(1);
        assertThat(second.desc().slot(Mode.READ).hasEvent()).isTrue();
    }

    @Test
    void aDescriptorThatClosesWithinABatchHasNoMoreEvents() throws IOException {
        PolledFd polled = registered(kernel.newFd());
        long data = PollTable.data(polled.desc());
        kernel.event(data, Masks.IN);
        int ready = poller.await(0);
        polled.close();
        assertThat(poller.dispatch(ready)).isZero();
    }

    @Test
    void whatAPollFindsAtOnceMayHaveComeRightAfterThePollBefore() throws IOException {
        PollDesc desc = registered(kernel.newFd()).desc();
        kernel.event(PollTable.data(desc), Masks.IN);
        poll(); // at 1,000
        ticker.moveTo(900_000_000);
        kernel.event(PollTable.data(desc), Masks.IN | Masks.RDHUP);
        poller.dispatch(poller.await(-1));
        assertThat(desc.finAfterBytes()).isZero();
    }

    @Test
    void whatAPollHadToWaitForCameWhenItEnded() throws IOException {
        PollDesc desc = registered(kernel.newFd()).desc();
        kernel.event(PollTable.data(desc), Masks.IN);
        poll(); // at 1,000
        kernel.event(PollTable.data(desc), Masks.IN | Masks.RDHUP);
        kernel.during = () -> ticker.moveTo(5_001_000);
        poller.dispatch(poller.await(-1));
        assertThat(desc.finAfterBytes()).isEqualTo(5_000_000);
    }

    @Test
    void eventsThatFoundNoRoomInOnePollAreHandedOutBeforeAnythingElseIsLookedAt()
            throws IOException {
        List<PollDesc> all = new ArrayList<>();
        for (int i = 0; i < 2 * EpollPoller.EVENTS_PER_POLL + 1; i++) {
            all.add(registered(kernel.newFd()).desc());
            kernel.event(PollTable.data(all.getLast()), Masks.IN);
        }
        assertThat(poll()).isEqualTo(all.size());
        assertThat(all).allMatch(desc -> desc.slot(Mode.READ).hasEvent());
    }

    @Test
    void theWakeUpIsNoEventOfAnybodys() {
        kernel.event(WAKE_UP, Masks.IN);
        assertThat(poll()).isZero();
    }

    @Test
    void aSignalDuringThePollIsNoError() {
        kernel.answer(Errno.EINTR);
        assertThat(poller.await(-1)).isZero();
    }

    @Test
    void anyOtherErrorOfThePollIsLoud() {
        kernel.answer(Errno.EBADF);
        assertThatThrownBy(() -> poller.await(-1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("EBADF");
    }

    @Test
    void aRefusedRegistrationClosesTheDescriptorAndIsCounted() {
        int fd = kernel.newFd();
        kernel.answer(Errno.ENOSPC);
        assertThatThrownBy(() -> poller.register(loop, fd))
                .isInstanceOf(KernelException.class)
                .hasMessage("epoll_ctl fd " + fd + ": ENOSPC");
        assertThat(kernel.closed).containsExactly(fd);
        assertThat(errors.rows()).hasSize(1);
        List<PollDesc> left = new ArrayList<>();
        table.forEach(left::add);
        assertThat(left).isEmpty();
    }

    @Test
    void aDescriptorThatComesTooLateIsClosedAndNeverAdded() {
        poller.close();
        int fd = kernel.newFd();
        assertThatThrownBy(() -> poller.register(loop, fd)).isInstanceOf(ClosingException.class);
        assertThat(kernel.calls).doesNotContain("epoll_ctl");
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void aDescriptorThatComesWhileThePollerClosesIsClosedAfterAll() {
        int fd = kernel.newFd();
        kernel.answer(0);
        kernel.during = poller::close;
        assertThatThrownBy(() -> poller.register(loop, fd)).isInstanceOf(ClosingException.class);
        assertThat(kernel.open).isEmpty();
    }

    @Test
    void aSignalHoldsTheEventfdAndComesToNothingOnceClosed() {
        kernel.during = poller::close; // the script fails a call whose descriptor closes under it
        poller.wakeUp();
        assertThat(kernel.open).isEmpty();
        kernel.calls.clear();
        poller.wakeUp();
        poller.close();
        assertThat(kernel.calls).isEmpty();
    }

    @Test
    void anEventfdThatIsRefusedLeavesNoEpollInstanceBehind() {
        var refusing = new RefusingKernel();
        assertThatThrownBy(() -> new EpollPoller(refusing.kernel(), ticker, table, errors))
                .isInstanceOf(KernelException.class)
                .hasMessage("eventfd: EMFILE");
        assertThat(refusing.closed()).containsExactlyElementsOf(refusing.opened());
    }

    @Test
    void everyDescriptorOfTheTableIsToldOfTheEnd() throws IOException {
        PollDesc first = registered(kernel.newFd()).desc();
        PollDesc second = registered(kernel.newFd()).desc();
        Dispatch dispatch = () -> {};
        first.arm(Mode.READ, dispatch);
        table.closeAll();
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(first.check(Mode.READ)).isEqualTo(PollResult.CLOSING);
        assertThat(second.check(Mode.WRITE)).isEqualTo(PollResult.CLOSING);
    }
}
