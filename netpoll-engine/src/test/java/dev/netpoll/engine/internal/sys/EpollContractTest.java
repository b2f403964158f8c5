// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What the engine relies on of epoll(7) and eventfd(2), asked of the kernel it runs on. */
class EpollContractTest {

    private static final long BOUND_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long DATA = 0xFEDC_BA98_7654_3210L;

    private final Kernel kernel = new LinuxKernel(ScratchSource.pooled());
    private final EpollEvents events = kernel.newEvents(8);
    private final Deque<Integer> fds = new ArrayDeque<>();
    private int epfd;
    private Socket peer;
    private int fd;

    @BeforeEach
    void connect() throws IOException {
        epfd = ours(kernel.epollCreate());
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        int listener = ours(kernel.socket(any));
        assertThat(kernel.bind(listener, any)).isZero();
        assertThat(kernel.listen(listener, 16)).isZero();
        int port = ((InetSocketAddress) kernel.localAddress(listener)).getPort();
        peer = new Socket(InetAddress.getLoopbackAddress(), port);
        peer.setTcpNoDelay(true);
        int accepted;
        do {
            accepted = kernel.accept(listener, new PeerAddress());
        } while (Errno.EAGAIN.is(accepted));
        fd = accepted;
        assertThat(kernel.epollAdd(epfd, fd, DATA)).isZero();
        assertThat(next()).isEqualTo(EpollMask.OUT);
    }

    @AfterEach
    void closeAll() throws IOException {
        peer.close();
        kernel.close(fd);
        fds.forEach(kernel::close);
    }

    private int ours(int opened) {
        assertThat(opened).as(Errno.nameOf(opened)).isNotNegative();
        fds.push(opened);
        return opened;
    }

    /** The mask of the one event that comes. */
    private int next() {
        assertThat(kernel.epollWait(epfd, events, BOUND_NANOS)).isEqualTo(1);
        return events.mask(0);
    }

    private void assertNothingIsReported() {
        assertThat(kernel.epollWait(epfd, events, 0)).isZero();
    }

    private void peerSends(String text) throws IOException {
        peer.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private int received(int room) {
        return kernel.receive(fd, ByteBuffer.allocate(room));
    }

    // ---- edges

    @Test
    void theDataWordComesBackAsItWentIn() throws IOException {
        peerSends("x");
        next();
        assertThat(events.data(0)).isEqualTo(DATA);
    }

    @Test
    void anInstanceTellsWhetherItHasEventsAndKeepsThem() throws IOException {
        assertThat(kernel.epollReady(epfd)).isZero();
        peerSends("x");
        Bounded.until("it has come", () -> kernel.epollReady(epfd) == 1);
        assertThat(kernel.epollReady(epfd)).isEqualTo(1);
        assertThat(EpollMask.readable(next())).isTrue();
        assertThat(kernel.epollReady(epfd)).isZero();
    }

    @Test
    void anEdgeIsReportedOnceThoughNothingWasRead() throws IOException {
        peerSends("x");
        assertThat(EpollMask.readable(next())).isTrue();
        assertNothingIsReported();
    }

    @Test
    void dataAfterAShortReadIsANewEdge() throws IOException {
        peerSends("x");
        next();
        assertThat(received(10)).isEqualTo(1);
        assertNothingIsReported();
        peerSends("y");
        assertThat(EpollMask.readable(next())).isTrue();
        assertThat(received(10)).isEqualTo(1);
    }

    @Test
    void dataOnTopOfUnreadDataIsANewEdgeToo() throws IOException {
        peerSends("x");
        next();
        peerSends("y");
        assertThat(EpollMask.readable(next())).isTrue();
        assertThat(received(10)).isEqualTo(2);
    }

    @Test
    void roomAfterAFullSocketIsANewEdge() throws IOException {
        kernel.setOption(fd, SocketOption.SO_SNDBUF, 16_384);
        ByteBuffer block = ByteBuffer.allocate(8_192);
        while (kernel.send(fd, block.clear()) > 0) {
            assertThat(block.position()).isPositive();
        }
        assertNothingIsReported();
        int ready = 0;
        while (ready == 0) {
            peer.getInputStream().readNBytes(Math.min(8_192, peer.getInputStream().available()));
            ready = kernel.epollWait(epfd, events, 1_000_000);
        }
        assertThat(EpollMask.writable(events.mask(0))).isTrue();
    }

    @Test
    void urgentDataCutsAReadShortThoughThereIsMoreAndIsReported() throws IOException {
        peerSends("abc");
        peer.sendUrgentData('!');
        peerSends("def");
        int got = 0;
        boolean urgent = false;
        while (got < 3) {
            urgent |= EpollMask.urgent(next());
            got += Math.max(received(10), 0);
        }
        assertThat(urgent).isTrue();
        ByteBuffer rest = ByteBuffer.allocate(10);
        while (rest.position() < 3) {
            kernel.receive(fd, rest);
        }
        assertThat(rest.get(0)).isEqualTo((byte) 'd');
    }

    // ---- the peer's leaving

    @Test
    void finIsReportedAsRdhupAndTheWritingHalfStaysOpen() throws IOException {
        peer.shutdownOutput();
        int mask = next();
        assertThat(EpollMask.peerClosed(mask)).isTrue();
        assertThat(EpollMask.hungUp(mask)).isFalse();
        assertThat(received(10)).isZero();
        assertThat(kernel.send(fd, ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @Test
    void finBehindDataComesWithOrAfterTheDatasEdge() throws IOException {
        peerSends("x");
        peer.shutdownOutput();
        int mask = next();
        while (!EpollMask.peerClosed(mask)) {
            mask = next();
        }
        assertThat(received(10)).isEqualTo(1);
        assertThat(received(10)).isZero();
    }

    @Test
    void resetIsReportedAsHangupAndErrorAndByItsErrno() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
        int mask = next();
        assertThat(EpollMask.hungUp(mask)).isTrue();
        assertThat(EpollMask.readable(mask)).isTrue();
        assertThat(EpollMask.writable(mask)).isTrue();
        assertThat(received(10)).isEqualTo(-Errno.ECONNRESET.number());
    }

    @Test
    void bothFinsAreAHangup() throws IOException {
        peer.shutdownOutput();
        next();
        kernel.shutdownWrite(fd);
        int mask = next();
        while (!EpollMask.hungUp(mask)) {
            mask = next();
        }
    }

    @Test
    void closingTakesADescriptorOut() throws IOException {
        assertThat(kernel.close(fd)).isZero();
        int reused = kernel.eventFd();
        while (reused >= 0 && reused < fd) {
            ours(reused); // a lower number that somebody else has just given back
            reused = kernel.eventFd();
        }
        assertThat(reused).as("the number comes back").isEqualTo(fd);
        assertThat(kernel.epollAddReadable(epfd, reused, 7)).as("and is new to epoll").isZero();
        peer.close();
        assertNothingIsReported();
        kernel.eventFdSignal(reused);
        next();
        assertThat(events.data(0)).isEqualTo(7);
    }

    @Test
    void aDescriptorIsAddedOnce() {
        assertThat(kernel.epollAdd(epfd, fd, 1)).isEqualTo(-Errno.EEXIST.number());
    }

    // ---- the wake-up

    @Test
    void eachSignalOfAnEventfdThatIsNeverReadIsANewEdge() {
        int eventFd = ours(kernel.eventFd());
        assertThat(kernel.epollAddReadable(epfd, eventFd, -1)).isZero();
        for (int i = 0; i < 1_000; i++) {
            assertThat(kernel.eventFdSignal(eventFd)).isEqualTo(8);
            assertThat(EpollMask.readable(next())).isTrue();
            assertThat(events.data(0)).isEqualTo(-1);
            assertNothingIsReported();
        }
    }

    @Test
    void signalsBetweenTwoPollsAreOneEvent() {
        int eventFd = ours(kernel.eventFd());
        assertThat(kernel.epollAddReadable(epfd, eventFd, -1)).isZero();
        kernel.eventFdSignal(eventFd);
        kernel.eventFdSignal(eventFd);
        next();
        assertNothingIsReported();
    }

    @Test
    void aSignalEndsAPollThatWaitsForEver() throws InterruptedException {
        int eventFd = ours(kernel.eventFd());
        assertThat(kernel.epollAddReadable(epfd, eventFd, -1)).isZero();
        int[] answer = {-1};
        Thread polling =
                Thread.ofPlatform().start(() -> answer[0] = kernel.epollWait(epfd, events, -1));
        kernel.eventFdSignal(eventFd);
        assertThat(polling.join(Duration.ofNanos(BOUND_NANOS))).isTrue();
        assertThat(answer[0]).isEqualTo(1);
    }

    // ---- time-outs

    @Test
    void aPollWaitsItsTimeInNanosecondsAndNotInWholeMilliseconds() {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            long begin = System.nanoTime();
            assertThat(kernel.epollWait(epfd, events, 100_000)).isZero();
            long took = System.nanoTime() - begin;
            assertThat(took).as("never too early").isGreaterThanOrEqualTo(100_000);
            shortest = Math.min(shortest, took);
        }
        // Not a tolerance: in whole milliseconds none of the 200 could be under one.
        assertThat(shortest).isLessThan(1_000_000);
    }

    @Test
    void theLongestTimeOutIsNoError() {
        int eventFd = ours(kernel.eventFd());
        assertThat(kernel.epollAddReadable(epfd, eventFd, -1)).isZero();
        kernel.eventFdSignal(eventFd);
        assertThat(kernel.epollWait(epfd, events, Long.MAX_VALUE)).isEqualTo(1);
    }
}
