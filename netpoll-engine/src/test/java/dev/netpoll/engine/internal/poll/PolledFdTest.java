// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Collections;

/** System calls by a script: every errno of the manual, and what waits for what. */
class PolledFdTest {

    private static final Mode READ = Mode.READ;
    private static final Mode WRITE = Mode.WRITE;

    private final ManualTicker ticker = new ManualTicker(1_000);
    private final RecordingLoop loop = new RecordingLoop();
    private final ScriptedKernel kernel = new ScriptedKernel();
    private final PollTable table = new PollTable();
    private final SyscallErrors errors = new SyscallErrors();
    private final ByteBuffer buffer = ByteBuffer.allocate(100);
    private EpollPoller poller;
    private PolledFd polled;
    private PollDesc desc;
    private int fd;

    @BeforeEach
    void register() throws IOException {
        poller = new EpollPoller(kernel, ticker, table, errors);
        fd = kernel.newFd();
        kernel.answer(0);
        polled = poller.register(loop, fd);
        desc = polled.desc();
        kernel.calls.clear();
    }

    @AfterEach
    void everyAnswerWasAskedForAndEveryDescriptorComesBack() {
        assertThat(kernel.exhausted()).as("unasked answers").isTrue();
        polled.close();
        poller.close();
        assertThat(kernel.open).isEmpty();
        assertThat(table.find(PollTable.data(desc))).isNull();
    }

    private int accept() throws IOException {
        return polled.accept(new PeerAddress());
    }

    private static long negative(Errno errno) {
        return -errno.number();
    }

    private long counted(String syscall, Errno errno) {
        return errors.rows().stream()
                .filter(row -> row.syscall().equals(syscall) && row.errno().equals(errno.name()))
                .mapToLong(SyscallErrorCount::count)
                .sum();
    }

    private void assertFails(IoCall call, String syscall, Errno errno) {
        assertThatThrownBy(call::run)
                .asInstanceOf(type(KernelException.class))
                .satisfies(
                        e -> {
                            assertThat(e.syscall()).isEqualTo(syscall);
                            assertThat(e.errno()).isEqualTo(errno);
                            assertThat(e).hasMessage(syscall + " fd " + fd + ": " + errno);
                        });
        assertThat(counted(syscall, errno)).isEqualTo(1);
    }

    private void assertIsLoud(IoCall call, String syscall, Errno errno) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("A bug in the engine")
                .hasMessageContaining(syscall)
                .hasMessageContaining(errno.name());
    }

    @FunctionalInterface
    private interface IoCall {
        void run() throws IOException;
    }

    // ---- reading --------------------------------------------------------------------------------

    @Test
    void aReadAnswersWhatIsThere() throws IOException {
        kernel.answer(30);
        assertThat(polled.read(buffer)).isEqualTo(30);
        assertThat(buffer.position()).isEqualTo(30);
    }

    @Test
    void aShortReadHasDrainedTheSocketAndNobodyAsksAgainBeforeAnEvent() throws IOException {
        kernel.answer(30);
        assertThat(polled.tryRead(buffer)).isEqualTo(30);
        assertThat(polled.tryRead(buffer)).isZero();
        assertThat(kernel.calls).containsExactly("recv");

        desc.event(Masks.IN);
        kernel.answer(10);
        assertThat(polled.tryRead(buffer)).isEqualTo(10);
    }

    @Test
    void aReadThatFilledTheBufferProvesNothing() throws IOException {
        kernel.answer(100, 5);
        assertThat(polled.tryRead(buffer)).isEqualTo(100);
        buffer.clear();
        assertThat(polled.tryRead(buffer)).isEqualTo(5);
    }

    @Test
    void asMuchAsOneCallMovesProvesNothingEither() throws IOException {
        ByteBuffer large = ByteBuffer.allocate(3 * Kernel.MAX_TRANSFER);
        kernel.answer(Kernel.MAX_TRANSFER, 7);
        assertThat(polled.tryRead(large)).isEqualTo(Kernel.MAX_TRANSFER);
        assertThat(polled.tryRead(large)).isEqualTo(7);
    }

    @Test
    void aReadAfterADrainingOneWaitsForTheEventWithoutACall() throws Exception {
        kernel.answer(30);
        polled.read(buffer);
        Waiting<Integer> reading = Waiting.in(desc, READ, () -> polled.read(buffer));
        assertThat(kernel.calls).containsExactly("recv");
        kernel.answer(20);
        desc.event(Masks.IN);
        assertThat(reading.result()).isEqualTo(20);
        assertThat(kernel.calls).containsExactly("recv", "recv");
    }

    @Test
    void eagainWaitsAndAnEventForNothingWaitsAgain() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> reading = Waiting.in(desc, READ, () -> polled.read(buffer));
        kernel.answer(Errno.EAGAIN);
        desc.event(Masks.IN);
        Bounded.until("asked again", kernel::exhausted);
        Bounded.until("parked again", () -> desc.hasParked(READ));
        kernel.answer(12);
        desc.event(Masks.IN);
        assertThat(reading.result()).isEqualTo(12);
    }

    @Test
    void tryReadAnswersZeroForEagain() throws IOException {
        kernel.answer(Errno.EAGAIN);
        assertThat(polled.tryRead(buffer)).isZero();
    }

    @Test
    void theEndOfTheStreamIsMinusOneEachTime() throws IOException {
        kernel.answer(0, 0);
        assertThat(polled.read(buffer)).isEqualTo(-1);
        assertThat(polled.tryRead(buffer)).isEqualTo(-1);
    }

    @Test
    void onceThePeerHasSentFinAShortReadProvesNothing() throws IOException {
        desc.event(Masks.IN | Masks.RDHUP);
        kernel.answer(30, 0);
        assertThat(polled.read(buffer)).isEqualTo(30);
        assertThat(polled.read(buffer)).isEqualTo(-1);
    }

    @Test
    void onceThePeerHasSentUrgentDataAShortReadProvesNothing() throws IOException {
        desc.event(Masks.IN | Masks.PRI);
        kernel.answer(3, 3, negative(Errno.EAGAIN));
        assertThat(polled.tryRead(buffer)).isEqualTo(3);
        assertThat(polled.tryRead(buffer)).isEqualTo(3);
        assertThat(polled.tryRead(buffer)).isZero();
    }

    @Test
    void aFinThatComesAfterADrainingReadIsFound() throws IOException {
        kernel.answer(30);
        polled.read(buffer);
        desc.event(Masks.IN | Masks.RDHUP);
        desc.slot(READ).reset(); // and even if somebody has consumed its event
        kernel.answer(0);
        assertThat(polled.tryRead(buffer)).isEqualTo(-1);
    }

    @Test
    void readingIntoAFullBufferMakesNoCall() throws IOException {
        buffer.position(buffer.limit());
        assertThat(polled.read(buffer)).isZero();
        assertThat(kernel.calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ECONNREFUSED",
                "ECONNRESET",
                "EINVAL",
                "ENOMEM",
                "ENOTCONN",
                "ETIMEDOUT",
                "EHOSTUNREACH",
                "ENETUNREACH",
                "EIO"
            })
    void recvFailsByItsNameAndIsCounted(Errno errno) {
        kernel.answer(errno);
        assertFails(() -> polled.read(buffer), "recv", errno);
    }

    @ParameterizedTest
    @EnumSource(names = {"EBADF", "EFAULT", "ENOTSOCK"})
    void whatOnlyABugCanCauseIsLoud(Errno errno) {
        kernel.answer(negative(errno), negative(errno), negative(errno), negative(errno));
        assertIsLoud(() -> polled.read(buffer), "recv", errno);
        assertIsLoud(() -> polled.write(buffer), "send", errno);
        assertIsLoud(this::accept, "accept4", errno);
        assertIsLoud(() -> polled.trySendFile(9, 0, 10), "sendfile", errno);
    }

    @Test
    void anErrnoWithoutANameIsStillANumber() {
        kernel.answer(-99_999);
        assertThatThrownBy(() -> polled.read(buffer))
                .isInstanceOf(KernelException.class)
                .hasMessageContaining("errno 99999");
    }

    // ---- writing --------------------------------------------------------------------------------

    @Test
    void aWriteGoesOnUntilAllIsSent() throws IOException {
        kernel.answer(60, 40);
        polled.write(buffer);
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Test
    void aWriteWaitsForRoom() throws Exception {
        kernel.answer(60, negative(Errno.EAGAIN));
        Waiting<Boolean> writing =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.write(buffer);
                            return true;
                        });
        assertThat(buffer.position()).isEqualTo(60);
        kernel.answer(40);
        desc.event(Masks.OUT);
        assertThat(writing.result()).isTrue();
    }

    @Test
    void tryWriteAnswersWhatTheSocketTook() throws IOException {
        kernel.answer(60, negative(Errno.EAGAIN), negative(Errno.EAGAIN));
        assertThat(polled.tryWrite(buffer)).isEqualTo(60);
        assertThat(polled.tryWrite(buffer)).isZero();
    }

    @Test
    void aTimedOutWriteTellsByTheBufferHowMuchWasSent() throws Exception {
        kernel.answer(60, negative(Errno.EAGAIN));
        Waiting<Boolean> writing =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.write(buffer);
                            return true;
                        });
        desc.setDeadline(WRITE, 2_000);
        loop.timers().expire(2_000);
        assertThat(writing.failure())
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("write fd " + fd + ": deadline exceeded");
        assertThat(buffer.position()).isEqualTo(60);
    }

    @Test
    void aGatheredWriteSkipsTheEmptyAndWaitsForRoom() throws Exception {
        ByteBuffer[] buffers = {
            ByteBuffer.allocate(0), ByteBuffer.allocate(50), ByteBuffer.allocate(0), buffer
        };
        kernel.answer(70, negative(Errno.EINTR), negative(Errno.EAGAIN));
        Waiting<Boolean> writing =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.write(buffers);
                            return true;
                        });
        assertThat(buffer.position()).isEqualTo(20);
        kernel.answer(80);
        desc.event(Masks.OUT);
        assertThat(writing.result()).isTrue();
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "EACCES",
                "EALREADY",
                "ECONNRESET",
                "EDESTADDRREQ",
                "EINVAL",
                "EISCONN",
                "EMSGSIZE",
                "ENOBUFS",
                "ENOMEM",
                "ENOTCONN",
                "EOPNOTSUPP",
                "EPIPE",
                "ETIMEDOUT",
                "ENETUNREACH",
                "EHOSTUNREACH"
            })
    void sendAndSendmsgFailByTheirNameAndAreCounted(Errno errno) {
        kernel.answer(negative(errno), negative(errno));
        assertFails(() -> polled.write(buffer), "send", errno);
        assertFails(() -> polled.write(new ByteBuffer[] {buffer}), "sendmsg", errno);
    }

    @Test
    void sendfileAnswersWhatTheSocketTookAndFailsByName() throws IOException {
        kernel.answer(500, negative(Errno.EINTR), negative(Errno.EAGAIN), negative(Errno.EINVAL));
        assertThat(polled.trySendFile(9, 0, 1_000)).isEqualTo(500);
        assertThat(polled.trySendFile(9, 500, 500)).isZero();
        assertFails(() -> polled.trySendFile(9, 500, 500), "sendfile", Errno.EINVAL);
    }

    @Test
    void aSignalMakesEachCallAgain() throws IOException {
        kernel.answer(negative(Errno.EINTR), negative(Errno.EINTR), 10);
        assertThat(polled.read(buffer)).isEqualTo(10);
        kernel.answer(negative(Errno.EINTR), 90);
        polled.write(buffer);
        kernel.answer(negative(Errno.EINTR), 200);
        int accepted = accept();
        assertThat(accepted).isEqualTo(200);
        assertThat(errors.rows()).isEmpty();
    }

    // ---- half-close -----------------------------------------------------------------------------

    @Test
    void shuttingDownTheWritingHalfWaitsForNobodyAndNoDeadline() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Boolean> writing =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.write(buffer);
                            return true;
                        });
        kernel.answer(0);
        polled.shutdownWrite();
        desc.setDeadline(WRITE, PollDesc.EXPIRED);
        assertThat(writing.failure()).isInstanceOf(SocketTimeoutException.class);
        kernel.answer(0);
        polled.shutdownWrite();
        assertThat(kernel.calls).containsExactly("send", "shutdown", "shutdown");
    }

    @Test
    void shuttingDownWhatHasNoPeerAnyMoreIsNoError() throws IOException {
        kernel.answer(Errno.ENOTCONN);
        polled.shutdownWrite();
        assertThat(errors.rows()).isEmpty();
    }

    @Test
    void shuttingDownWhatIsClosedSaysClosingOrDoesNothing() {
        polled.close();
        assertThatThrownBy(polled::shutdownWrite).isInstanceOf(ClosingException.class);
        polled.shutdownBoth();
        assertThat(kernel.calls).isEmpty();
    }

    // ---- accepting ------------------------------------------------------------------------------

    @Test
    void acceptWaitsForAConnection() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> accepting = Waiting.in(desc, READ, this::accept);
        kernel.answer(200);
        desc.event(Masks.IN);
        assertThat(accepting.result()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ECONNABORTED",
                "ENETDOWN",
                "EPROTO",
                "ENOPROTOOPT",
                "EHOSTDOWN",
                "ENONET",
                "EHOSTUNREACH",
                "ENETUNREACH"
            })
    void aConnectionThatFailedInTheQueueIsCountedAndSkipped(Errno errno) throws IOException {
        kernel.answer(negative(errno), 200);
        assertThat(accept()).isEqualTo(200);
        assertThat(counted("accept4", errno)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EINVAL", "EOPNOTSUPP", "EPERM"})
    void acceptFailsByItsNameIsCountedAndCanBeTriedAgain(Errno errno) throws IOException {
        kernel.answer(errno);
        assertFails(this::accept, "accept4", errno);
        kernel.answer(200);
        assertThat(accept()).isEqualTo(200);
    }

    // ---- connecting -----------------------------------------------------------------------------

    @Test
    void aConnectThatHasEndedNeedsNoWait() throws IOException {
        kernel.remote = new InetSocketAddress(80);
        kernel.answer(0);
        polled.finishConnect();
    }

    @Test
    void aConnectUnderWayIsWaitedForUnderTheWriteDeadline() throws Exception {
        kernel.answer(0);
        Waiting<Boolean> connecting =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.finishConnect();
                            return true;
                        });
        kernel.answer(0);
        kernel.remote = new InetSocketAddress(80);
        desc.event(Masks.OUT);
        assertThat(connecting.result()).isTrue();
    }

    @Test
    void aConnectThatTakesTooLongTimesOut() throws Exception {
        kernel.answer(0);
        desc.setDeadline(WRITE, 2_000);
        Waiting<Boolean> connecting =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.finishConnect();
                            return true;
                        });
        loop.timers().expire(2_000);
        assertThat(connecting.failure()).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ECONNREFUSED",
                "ETIMEDOUT",
                "ENETUNREACH",
                "EHOSTUNREACH",
                "ECONNRESET",
                "EACCES",
                "EPERM",
                "EADDRNOTAVAIL"
            })
    void aConnectThatFailedSaysWhatOf(Errno errno) {
        kernel.answer(errno);
        assertFails(polled::finishConnect, "connect", errno);
    }

    // ---- deadlines and interrupts ---------------------------------------------------------------

    @Test
    void anExpiredDeadlineFailsBeforeAnyCallAndUntilItIsMoved() throws IOException {
        desc.setDeadline(READ, PollDesc.EXPIRED);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> polled.read(buffer))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("read fd " + fd + ": deadline exceeded");
            assertThatThrownBy(() -> polled.tryRead(buffer))
                    .isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(kernel.calls).isEmpty();
        kernel.answer(100);
        polled.write(buffer);

        desc.setDeadline(READ, PollDesc.NO_DEADLINE);
        buffer.clear();
        kernel.answer(5);
        assertThat(polled.read(buffer)).isEqualTo(5);
    }

    @Test
    void anInterruptEndsTheReadAndLeavesTheDescriptorInUse() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> reading = Waiting.in(desc, READ, () -> polled.read(buffer));
        reading.thread().interrupt();
        assertThat(reading.failure()).isInstanceOf(InterruptedIOException.class);
        assertThat(reading.endedInterrupted()).isTrue();
        assertThat(kernel.open).contains(fd);
        desc.event(Masks.IN);
        kernel.answer(9);
        assertThat(polled.read(buffer)).isEqualTo(9);
    }

    @Test
    void whatCameInTimeIsReadByAThreadThatRunsAfterTheDeadline() throws Exception {
        desc.setDeadline(READ, 2_000);
        desc.event(Masks.IN);
        assertThat(polled.awaitReadable()).isEqualTo(PollResult.READY);
        ticker.moveTo(2_000);
        loop.timers().expire(2_000);
        kernel.answer(30);
        assertThat(polled.readReady(buffer)).isEqualTo(30);
        assertThatThrownBy(() -> polled.tryRead(buffer)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void theWordExpiredOverrulesWhatCameInTime() throws Exception {
        desc.event(Masks.IN);
        assertThat(polled.awaitReadable()).isEqualTo(PollResult.READY);
        desc.setDeadline(READ, PollDesc.EXPIRED);
        assertThatThrownBy(() -> polled.readReady(buffer))
                .isInstanceOf(SocketTimeoutException.class);
    }

    // ---- two at once ----------------------------------------------------------------------------

    @Test
    void aSecondReaderIsALoudErrorAndTheFirstHasTheData() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> first = Waiting.in(desc, READ, () -> polled.read(buffer));
        assertThatThrownBy(() -> polled.tryRead(buffer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Two threads at once");
        kernel.answer(8);
        desc.event(Masks.IN);
        assertThat(first.result()).isEqualTo(8);
    }

    @Test
    void aReaderAndAWriterDoNotDisturbEachOther() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> reading =
                Waiting.in(desc, READ, () -> polled.read(ByteBuffer.allocate(10)));
        kernel.answer(100);
        polled.write(buffer);
        kernel.answer(8);
        desc.event(Masks.IN);
        assertThat(reading.result()).isEqualTo(8);
    }

    // ---- references -----------------------------------------------------------------------------

    @Test
    void closingFailsBothWaitersAndGivesTheNumberBackOnce() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> reading = Waiting.in(desc, READ, () -> polled.read(buffer));
        kernel.answer(Errno.EAGAIN);
        Waiting<Boolean> writing =
                Waiting.in(
                        desc,
                        WRITE,
                        () -> {
                            polled.write(ByteBuffer.allocate(10));
                            return true;
                        });
        assertThat(polled.close()).isTrue();
        assertThat(polled.close()).isFalse();
        assertThat(reading.failure()).hasMessage("read fd " + fd + ": closing");
        assertThat(writing.failure()).hasMessage("write fd " + fd + ": closing");
        assertThat(kernel.closed).containsExactly(fd);
    }

    @Test
    void theNumberIsNotGivenBackUnderACallThatUsesIt() throws IOException {
        kernel.during = polled::close; // the script fails a call whose descriptor closes under it
        kernel.answer(5);
        assertThat(polled.read(buffer)).isEqualTo(5);
        assertThat(kernel.closed).containsExactly(fd);
    }

    @Test
    void optionsAndAddressesHoldTheDescriptorToo() {
        kernel.during = polled::close;
        kernel.answer(0);
        assertThat(polled.setOption(SocketOption.TCP_NODELAY, 1)).isTrue();
        assertThat(kernel.closed).containsExactly(fd);
        assertThat(polled.setOption(SocketOption.TCP_NODELAY, 1)).isFalse();
        assertThat(polled.setLinger(0)).isFalse();
        assertThat(polled.localAddress()).isNull();
        assertThat(polled.pendingError()).isZero();
    }

    @Test
    void shuttingDownBothHalvesHoldsTheDescriptorToo() {
        kernel.during = polled::close;
        kernel.answer(0);
        polled.shutdownBoth();
        assertThat(kernel.closed).containsExactly(fd);
    }

    @Test
    void closeNowShutsDownBeforeTheLastOneIsOut() throws Exception {
        kernel.answer(Errno.EAGAIN);
        Waiting<Integer> accepting = Waiting.in(desc, READ, this::accept);
        kernel.answer(0);
        assertThat(polled.closeNow()).isTrue();
        assertThat(kernel.calls).containsExactly("accept4", "shutdown");
        assertThat(accepting.failure()).isInstanceOf(ClosingException.class);
        assertThat(kernel.closed).containsExactly(fd);
    }

    @Test
    void afterClosingEveryOperationSaysClosingWithoutACall() {
        polled.close();
        assertThatThrownBy(() -> polled.read(buffer)).isInstanceOf(ClosingException.class);
        assertThatThrownBy(() -> polled.write(buffer)).isInstanceOf(ClosingException.class);
        assertThatThrownBy(this::accept).isInstanceOf(ClosingException.class);
        assertThatThrownBy(() -> polled.trySendFile(9, 0, 1)).isInstanceOf(ClosingException.class);
        assertThat(kernel.calls).isEmpty();
    }

    @Test
    void anErrnoThatIsOnlyHowTheClosingWasNoticedSaysClosing() {
        kernel.during = polled::close;
        kernel.answer(Errno.EINVAL);
        assertThatThrownBy(this::accept).isInstanceOf(ClosingException.class);
        assertThat(errors.rows()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"EAGAIN", "EINTR"})
    void aFailedOperationLetsGoOfTheDescriptor(Errno errno) {
        kernel.answer(errno);
        assertThatThrownBy(() -> polled.read(buffer)).isInstanceOf(Exception.class);
        polled.close();
        assertThat(kernel.closed).isEqualTo(Collections.singletonList(fd));
    }
}
