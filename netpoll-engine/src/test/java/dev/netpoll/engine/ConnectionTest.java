// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/** Families, bytes both ways, half-close, resets, and connects that fail. */
class ConnectionTest extends FaceTest {

    private static final int LARGE = 8_000_000;

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        return random;
    }

    private static byte[] readAll(NetpollConnection connection) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(LARGE + 1);
        while (connection.read(all) >= 0) {
            assertThat(all.hasRemaining()).isTrue();
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    private void echo(NetpollConnection connection) {
        fork(
                () -> {
                    ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
                    while (connection.read(buffer) >= 0) {
                        connection.write(buffer.flip());
                        buffer.clear();
                    }
                    connection.shutdownWrite();
                    return null;
                });
    }

    private void assertEchoes(NetpollConnection connection) throws Exception {
        FutureTask<String> talking =
                fork(
                        () -> {
                            connection.write(ByteBuffer.wrap(ascii("ping")));
                            ByteBuffer back = ByteBuffer.allocate(4);
                            while (back.hasRemaining()) {
                                assertThat(connection.read(back)).isPositive();
                            }
                            return new String(back.array());
                        });
        assertThat(get(talking)).isEqualTo("ping");
    }

    // ---- families -------------------------------------------------------------------------------

    @Test
    void bothEndsTalkOverIpv4AndIpv6() throws Exception {
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            NetpollListener listener = listen(new InetSocketAddress(host, 0));
            BlockingQueue<NetpollConnection> accepted = acceptAll(listener);
            NetpollConnection ours = closedAtTheEnd(engine.connect(listener.localAddress(), SOON));
            NetpollConnection theirs = next(accepted);
            assertThat(ours.remoteAddress()).isEqualTo(listener.localAddress());
            assertThat(theirs.remoteAddress()).isEqualTo(ours.localAddress());
            echo(theirs);
            assertEchoes(ours);
        }
    }

    @Test
    void aWildcardTakesIpv4AndIpv6Alike() throws Exception {
        NetpollListener listener = listen(new InetSocketAddress(0));
        BlockingQueue<NetpollConnection> accepted = acceptAll(listener);
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            var server = new InetSocketAddress(host, port(listener));
            NetpollConnection ours = closedAtTheEnd(engine.connect(server, SOON));
            NetpollConnection theirs = next(accepted);
            InetAddress peer = ((InetSocketAddress) theirs.remoteAddress()).getAddress();
            assertThat(peer).as("an IPv4 peer looks like one").isEqualTo(server.getAddress());
            echo(theirs);
            assertEchoes(ours);
        }
    }

    @Test
    void bothEndsTalkOverAUnixDomainSocketWhoseFileGoesWithTheListener(@TempDir Path dir)
            throws Exception {
        Path path = dir.resolve("socket");
        NetpollListener listener = listen(UnixDomainSocketAddress.of(path));
        BlockingQueue<NetpollConnection> accepted = acceptAll(listener);
        NetpollConnection ours =
                closedAtTheEnd(engine.connect(UnixDomainSocketAddress.of(path), SOON));
        echo(next(accepted));
        assertEchoes(ours);
        try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            NetpollConnection theirs = next(accepted);
            raw.write(ByteBuffer.wrap(ascii("x")));
            assertThat(get(fork(() -> theirs.read(ByteBuffer.allocate(5))))).isEqualTo(1);
        }
        listener.close();
        assertThat(path).doesNotExist();
    }

    @Test
    void thePeersAddressIsKnownAfterItHasResetAndAfterTheClose() throws Exception {
        Pair pair = pair();
        SocketAddress peer = pair.theirs().getLocalSocketAddress();
        pair.theirs().setSoLinger(true, 0);
        pair.theirs().close();
        assertThatThrownBy(() -> get(fork(() -> pair.ours().read(ByteBuffer.allocate(1)))))
                .hasMessageContaining("ECONNRESET");
        assertThat(pair.ours().remoteAddress()).isEqualTo(peer);
        pair.ours().close();
        assertThat(pair.ours().remoteAddress()).isEqualTo(peer);
    }

    @Test
    void whatWasConnectedToIsKnownAfterItHasLeft(@TempDir Path dir) throws Exception {
        SocketAddress[] peers = {
            new InetSocketAddress("127.0.0.1", 0),
            new InetSocketAddress("::1", 0),
            UnixDomainSocketAddress.of(dir.resolve("socket"))
        };
        for (SocketAddress peer : peers) {
            NetpollListener listener = listen(peer);
            SocketAddress address = listener.localAddress();
            NetpollConnection ours = closedAtTheEnd(engine.connect(address, SOON));
            listener.close(); // resets what nobody has accepted
            assertThat(ours.remoteAddress()).isEqualTo(address);
        }
    }

    // ---- bytes ----------------------------------------------------------------------------------

    @Test
    void largeTransfersArriveWholeBothWaysAtOnce() throws Exception {
        Pair pair = pair();
        byte[] there = random(LARGE);
        byte[] back = random(LARGE - 7);
        FutureTask<byte[]> received = fork(() -> readAll(pair.ours()));
        fork(
                () -> {
                    ByteBuffer direct = ByteBuffer.allocateDirect(back.length).put(back).flip();
                    pair.ours().write(direct);
                    pair.ours().shutdownWrite();
                    return null;
                });
        Thread sender =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        pair.theirs().getOutputStream().write(there);
                                        pair.theirs().shutdownOutput();
                                    } catch (IOException e) {
                                        throw new AssertionError(e);
                                    }
                                });
        assertThat(Arrays.equals(pair.theirs().getInputStream().readAllBytes(), back)).isTrue();
        Bounded.join(sender);
        assertThat(Arrays.equals(get(received), there)).isTrue();
    }

    /** A peer that takes little at a time. */
    private Pair pairWithASlowReader() throws Exception {
        Pair pair = pair();
        pair.theirs().setReceiveBufferSize(32 * 1024);
        assertThat(pair.ours().setOption(SocketOption.SO_SNDBUF, 32 * 1024)).isTrue();
        return pair;
    }

    @Test
    void aGatheredWriteToASlowReaderArrivesInOrder() throws Exception {
        Pair pair = pairWithASlowReader();
        byte[] sent = random(3_000_000);
        ByteBuffer[] pieces = new ByteBuffer[300];
        for (int i = 0; i < pieces.length; i++) {
            ByteBuffer piece = ByteBuffer.wrap(sent, i * 10_000, 10_000);
            pieces[i] = i % 2 == 0 ? piece : piece.asReadOnlyBuffer();
        }
        FutureTask<Void> writing =
                fork(
                        () -> {
                            pair.ours().write(pieces);
                            pair.ours().shutdownWrite();
                            return null;
                        });
        Bounded.until("the writer waits for room", () -> engine.snapshot().waiters().write() == 1);
        assertThat(Arrays.equals(pair.theirs().getInputStream().readAllBytes(), sent)).isTrue();
        get(writing);
    }

    @Test
    void aFileGoesToASlowReaderWhole(@TempDir Path dir) throws Exception {
        byte[] content = random(LARGE);
        Path file = Files.write(dir.resolve("file"), content);
        Pair pair = pairWithASlowReader();
        FutureTask<Void> sending = fork(() -> sendFile(pair.ours(), file));
        Bounded.until("the sender waits for room", () -> engine.snapshot().waiters().write() == 1);
        assertThat(Arrays.equals(pair.theirs().getInputStream().readAllBytes(), content)).isTrue();
        get(sending);
    }

    private static Void sendFile(NetpollConnection connection, Path path) throws IOException {
        try (FileSource file = connection.openFile(path.toString())) {
            long sent = 0;
            while (sent < file.size()) {
                long now = connection.trySend(file, sent, file.size() - sent);
                sent += now;
                if (now == 0) {
                    assertThat(connection.awaitWritable()).isEqualTo(PollResult.READY);
                }
            }
            connection.shutdownWrite();
            return null;
        }
    }

    @Test
    void afterHalfCloseReadingGoesOnAndAfterTheirsWritingDoes() throws Exception {
        Pair pair = pair();
        pair.ours().shutdownWrite();
        assertThat(pair.theirs().getInputStream().read()).isEqualTo(-1);
        pair.theirs().getOutputStream().write(7);
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(get(fork(() -> pair.ours().read(one)))).isEqualTo(1);

        Pair other = pair();
        other.theirs().shutdownOutput();
        assertThat(get(fork(() -> other.ours().read(ByteBuffer.allocate(1))))).isEqualTo(-1);
        Bounded.until("the loop has seen the FIN, too", () -> other.ours().peerClosed());
        assertThat(other.ours().peerReset()).isFalse();
        other.ours().write(ByteBuffer.wrap(ascii("still")));
        assertThat(other.theirs().getInputStream().readNBytes(5)).asString().isEqualTo("still");
    }

    @Test
    void aPipelineOfSmallWritesIsReadWithoutOneMissing() throws Exception {
        Pair pair = pair();
        echo(pair.ours());
        byte[] one = new byte[1];
        for (int i = 0; i < 2_000; i++) {
            one[0] = (byte) i;
            pair.theirs().getOutputStream().write(one);
            if (i % 3 == 0) {
                pair.theirs().getOutputStream().write(one);
                assertThat(pair.theirs().getInputStream().readNBytes(1)).isEqualTo(one);
            }
            assertThat(pair.theirs().getInputStream().readNBytes(1)).isEqualTo(one);
        }
    }

    @Test
    void whatStandsBehindUrgentDataIsReadToo() throws Exception {
        Pair pair = pair();
        pair.theirs().getOutputStream().write(ascii("abc"));
        pair.theirs().sendUrgentData('!');
        pair.theirs().getOutputStream().write(ascii("def"));
        FutureTask<String> reading =
                fork(
                        () -> {
                            ByteBuffer six = ByteBuffer.allocate(6);
                            while (six.hasRemaining()) {
                                assertThat(pair.ours().read(six)).isPositive();
                            }
                            return new String(six.array());
                        });
        assertThat(get(reading)).isEqualTo("abcdef");
    }

    // ---- the peer's leaving ---------------------------------------------------------------------

    @Test
    void aResetFailsTheReadByItsNameAndIsCounted() throws Exception {
        Pair pair = pair();
        FutureTask<Integer> reading = fork(() -> pair.ours().read(ByteBuffer.allocate(1)));
        Bounded.until("the reader waits", () -> engine.snapshot().waiters().read() == 1);
        pair.theirs().setSoLinger(true, 0);
        pair.theirs().close();
        assertThatThrownBy(() -> get(reading))
                .hasCauseInstanceOf(KernelException.class)
                .hasMessageContaining("recv fd " + pair.ours().fd() + ": ECONNRESET");
        assertThat(pair.ours().peerReset()).isTrue();
        assertThat(engine.errors())
                .filteredOn(row -> row.errno().equals("ECONNRESET"))
                .extracting(SyscallErrorCount::syscall, SyscallErrorCount::count)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("recv", 1L));
    }

    @Test
    void whoWatchesIsToldOfTheFinWhileNobodyReads() throws Exception {
        Pair pair = pair();
        var told = new CountDownLatch(1);
        pair.ours().whenPeerCloses(told::countDown);
        pair.theirs().close();
        Bounded.await(told);
        assertThat(pair.ours().peerClosed()).isTrue();
        assertThat(pair.ours().finAfterBytes()).isZero(); // there were none
    }

    @Test
    void anArmedDispatchRunsWhenThereIsDataAndHoldsNoThreadBefore() throws Exception {
        Pair pair = pair();
        var ran = new CountDownLatch(1);
        assertThat(pair.ours().whenReadable(ran::countDown)).isTrue();
        assertThat(engine.snapshot().waiters().idle()).isEqualTo(1);
        pair.theirs().getOutputStream().write(1);
        Bounded.await(ran);
        assertThat(pair.ours().tryRead(ByteBuffer.allocate(5))).isEqualTo(1);
        assertThat(pair.ours().tryRead(ByteBuffer.allocate(5))).isZero();
    }

    // ---- connecting -----------------------------------------------------------------------------

    @Test
    void connectingToAClosedPortSaysRefused() throws Exception {
        NetpollListener listener = listen();
        SocketAddress address = listener.localAddress();
        listener.close();
        assertThatThrownBy(() -> engine.connect(address, SOON))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("ECONNREFUSED");
        assertThat(engine.errors())
                .extracting(SyscallErrorCount::syscall, SyscallErrorCount::errno)
                .contains(org.assertj.core.groups.Tuple.tuple("connect", "ECONNREFUSED"));
    }

    @Test
    void connectingToAPathThatIsNotThereSaysSo(@TempDir Path dir) {
        var nowhere = UnixDomainSocketAddress.of(dir.resolve("nobody"));
        assertThatThrownBy(() -> engine.connect(nowhere, SOON))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void connectingToWhoDoesNotAnswerTimesOut() throws Exception {
        // A full queue drops the SYN of whoever comes next; Linux takes one more than asked for.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = full.getLocalSocketAddress();
            boolean timedOut = false;
            for (int i = 0; i < 20 && !timedOut; i++) {
                try {
                    closedAtTheEnd(engine.connect(address, Duration.ofMillis(300)));
                } catch (SocketTimeoutException e) {
                    timedOut = true;
                    assertThat(e).hasMessageContaining("deadline exceeded");
                }
            }
            assertThat(timedOut).isTrue();
        }
    }

    @Test
    void aTimeOutBeyondAllMeasureIsNone() throws Exception {
        NetpollListener listener = listen();
        BlockingQueue<NetpollConnection> accepted = acceptAll(listener);
        for (Duration timeout :
                new Duration[] {
                    Duration.ofNanos(Long.MAX_VALUE), ChronoUnit.FOREVER.getDuration()
                }) {
            closedAtTheEnd(engine.connect(listener.localAddress(), timeout));
            next(accepted);
        }
    }

    @Test
    void anAddressThatCannotBeUsedIsRefusedAndLeavesNoDescriptor() {
        for (SocketAddress address :
                new SocketAddress[] {
                    InetSocketAddress.createUnresolved("no.such.host.invalid", 80),
                    UnixDomainSocketAddress.of("/tmp/" + "x".repeat(200))
                }) {
            assertThatThrownBy(() -> engine.connect(address, SOON))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.listen(address, ListenOptions.defaults()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPortInUseIsABindException() throws Exception {
        NetpollListener listener = listen();
        assertThatThrownBy(() -> listen(listener.localAddress()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("Address already in use");
    }

    @Test
    void thePortIsFreeAsSoonAsTheListenerIsClosedThoughSomebodyWasAccepting() throws Exception {
        NetpollListener listener = listen();
        for (int i = 0; i < 20; i++) {
            SocketAddress address = listener.localAddress();
            acceptAll(listener);
            listener.close();
            listener = listen(address);
        }
    }

    // ---- options --------------------------------------------------------------------------------

    @Test
    void optionsAreSetWhileOpenAndRefusedOnceClosed() throws Exception {
        Pair pair = pair();
        assertThat(pair.ours().setOption(SocketOption.TCP_NODELAY, 1)).isTrue();
        assertThat(pair.ours().setLinger(0)).isTrue();
        assertThat(pair.ours().pendingError()).isNull();
        pair.ours().close();
        assertThat(pair.ours().setOption(SocketOption.TCP_NODELAY, 1)).isFalse();
        assertThatThrownBy(() -> pair.theirs().getInputStream().read())
                .as("linger 0 resets")
                .hasMessageContaining("reset");
    }
}
