// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.SocketOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;

/** Each call against the real kernel: what goes in, what comes out, and which errno. */
class LinuxKernelTest {

    private final Kernel kernel = new LinuxKernel(ScratchSource.pooled());
    private final Deque<Integer> fds = new ArrayDeque<>();
    private final Deque<Socket> sockets = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        fds.forEach(kernel::close);
    }

    private int ours(int fd) {
        assertThat(fd).as(Errno.nameOf(fd)).isNotNegative();
        fds.push(fd);
        return fd;
    }

    /** A listener on the loopback address. */
    private int listener() {
        SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        int fd = ours(kernel.socket(any));
        assertThat(kernel.bind(fd, any)).isZero();
        assertThat(kernel.listen(fd, 16)).isZero();
        return fd;
    }

    /** A connection: our end by number, the peer's pushed to {@link #sockets}. */
    private int connected() throws IOException {
        int listener = listener();
        int port = ((InetSocketAddress) kernel.localAddress(listener)).getPort();
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        sockets.push(socket);
        int r;
        do {
            r = kernel.accept(listener, new PeerAddress());
        } while (Errno.EAGAIN.is(r));
        return ours(r);
    }

    private int receiveAll(int fd, ByteBuffer dst) {
        int r;
        do {
            r = kernel.receive(fd, dst);
        } while (Errno.EAGAIN.is(r));
        return r;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    // ---- errno

    @Test
    void aCallThatFailsAnswersItsErrno() {
        assertThat(kernel.close(-1)).isEqualTo(-Errno.EBADF.number());
        assertThat(kernel.accept(listener(), new PeerAddress())).isEqualTo(-Errno.EAGAIN.number());
        assertThat(kernel.receive(-1, ByteBuffer.allocate(1))).isEqualTo(-Errno.EBADF.number());
        assertThat(kernel.send(-1, ByteBuffer.allocate(1))).isEqualTo(-Errno.EBADF.number());
        assertThat(kernel.openFile("/no/such/file")).isEqualTo(-Errno.ENOENT.number());
        assertThat(kernel.unlink("/no/such/file")).isEqualTo(-Errno.ENOENT.number());
        assertThat(kernel.localAddress(-1)).isNull();
        assertThat(kernel.pendingError(-1)).isEqualTo(-Errno.EBADF.number());
    }

    @Test
    void everyErrnoHasItsNumberBack() {
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(-errno.number())).isEqualTo(errno);
            assertThat(errno.is(-errno.number())).isTrue();
            assertThat(errno.is(errno.number())).isFalse();
        }
        assertThat(Errno.of(0)).isNull();
        assertThat(Errno.of(17)).isNull();
        assertThat(Errno.nameOf(-4_000)).isEqualTo("errno 4000");
    }

    // ---- bytes

    @Test
    void bytesGoThroughHeapDirectReadOnlyAndSlicedBuffers() throws IOException {
        int fd = connected();
        InputStream in = sockets.getFirst().getInputStream();
        ByteBuffer direct = ByteBuffer.allocateDirect(16).put(ascii("direct")).flip();
        ByteBuffer[] buffers = {
            ascii("heap"),
            direct,
            ascii("read-only").asReadOnlyBuffer(),
            ascii("xxslicexx").slice(2, 5),
            direct.duplicate().asReadOnlyBuffer()
        };
        for (ByteBuffer buffer : buffers) {
            String expected = StandardCharsets.US_ASCII.decode(buffer.duplicate()).toString();
            assertThat(kernel.send(fd, buffer)).isEqualTo(expected.length());
            assertThat(buffer.hasRemaining()).isFalse();
            assertThat(in.readNBytes(expected.length())).asString().isEqualTo(expected);
        }
    }

    @Test
    void bytesComeIntoHeapDirectAndSlicedBuffersAtTheirPosition() throws IOException {
        int fd = connected();
        OutputStream out = sockets.getFirst().getOutputStream();
        ByteBuffer backing = ByteBuffer.allocate(20);
        for (ByteBuffer buffer :
                new ByteBuffer[] {
                    ByteBuffer.allocate(10), ByteBuffer.allocateDirect(10), backing.slice(5, 10)
                }) {
            buffer.position(3).limit(8);
            out.write("abcdefg".getBytes(StandardCharsets.US_ASCII));
            assertThat(receiveAll(fd, buffer)).isEqualTo(5);
            assertThat(buffer.position()).isEqualTo(8);
            assertThat(buffer.get(3)).isEqualTo((byte) 'a');
            assertThat(buffer.get(7)).isEqualTo((byte) 'e');
            assertThat(receiveAll(fd, ByteBuffer.allocate(2))).isEqualTo(2);
        }
        assertThat(backing.get(8)).isEqualTo((byte) 'a');
    }

    @Test
    void gatheredBytesArriveInOrderWhereverTheyLie() throws IOException {
        int fd = connected();
        InputStream in = sockets.getFirst().getInputStream();
        ByteBuffer direct = ByteBuffer.allocateDirect(4).put(ascii("bb")).flip();
        ByteBuffer[] srcs = {
            ascii("ignored"),
            ascii("aaa"),
            ByteBuffer.allocate(0),
            direct,
            ascii("c").asReadOnlyBuffer()
        };
        assertThat(kernel.sendVectored(fd, srcs, 1, 4)).isEqualTo(6);
        assertThat(in.readNBytes(6)).asString().isEqualTo("aaabbc");
        assertThat(srcs[0].position()).isZero();
    }

    @Test
    void moreThanOneCallMovesIsMovedInPiecesWithoutLoss() throws Exception {
        int fd = connected();
        InputStream in = sockets.getFirst().getInputStream();
        byte[] sent = new byte[400_000];
        new Random(3).nextBytes(sent);
        ByteBuffer[] srcs = new ByteBuffer[40];
        for (int i = 0; i < srcs.length; i++) {
            srcs[i] = ByteBuffer.wrap(sent, i * 10_000, 10_000);
        }
        Thread sender =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    int first = 0;
                                    while (first < srcs.length) {
                                        kernel.sendVectored(fd, srcs, first, srcs.length - first);
                                        while (first < srcs.length && !srcs[first].hasRemaining()) {
                                            first++;
                                        }
                                    }
                                });
        assertThat(Arrays.equals(in.readNBytes(sent.length), sent)).isTrue();
        sender.join();
    }

    @Test
    void aFilesBytesAreSentFromWhereTheyAreAskedFor(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "0123456789");
        int fd = connected();
        int source = ours(kernel.openFile(file.toString()));
        assertThat(kernel.sendFile(fd, source, 3, 4)).isEqualTo(4);
        assertThat(sockets.getFirst().getInputStream().readNBytes(4)).asString().isEqualTo("3456");
        assertThat(kernel.sendFile(fd, source, 10, 4)).isZero();
    }

    @Test
    void sendingToAPeerThatHasGoneAnswersEpipeAndRaisesNoSignal() throws IOException {
        int fd = connected();
        assertThat(kernel.shutdownWrite(fd)).isZero();
        assertThat(kernel.send(fd, ascii("late"))).isEqualTo(-Errno.EPIPE.number());
        ByteBuffer[] srcs = {ascii("late")};
        assertThat(kernel.sendVectored(fd, srcs, 0, 1)).isEqualTo(-Errno.EPIPE.number());
        assertThat(srcs[0].position()).isZero();
    }

    // ---- addresses and options

    @Test
    void addressesOfEveryFamilyComeBackAsTheyWentIn(@TempDir Path dir) throws IOException {
        SocketAddress[] addresses = {
            new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0),
            new InetSocketAddress(InetAddress.getByName("::1"), 0),
            UnixDomainSocketAddress.of(dir.resolve("socket"))
        };
        for (SocketAddress address : addresses) {
            int fd = ours(kernel.socket(address));
            assertThat(kernel.bind(fd, address)).isZero();
            SocketAddress bound = kernel.localAddress(fd);
            if (address instanceof InetSocketAddress inet) {
                assertThat(((InetSocketAddress) bound).getAddress()).isEqualTo(inet.getAddress());
                assertThat(((InetSocketAddress) bound).getPort()).isPositive();
            } else {
                assertThat(bound).isEqualTo(address);
            }
            assertThat(kernel.remoteAddress(fd)).isNull();
        }
    }

    @Test
    void acceptTellsThePeersAddressWhichStaysKnownWhenGetpeernameHasNone() throws IOException {
        int listener = listener();
        int port = ((InetSocketAddress) kernel.localAddress(listener)).getPort();
        var client = new Socket(InetAddress.getLoopbackAddress(), port);
        SocketAddress expected = client.getLocalSocketAddress();
        client.setSoLinger(true, 0);
        client.close(); // a reset, in the queue already
        var peer = new PeerAddress();
        int accepted = ours(kernel.accept(listener, peer));
        assertThat(kernel.remoteAddress(accepted)).isNull();
        assertThat(peer.get()).isEqualTo(expected);
    }

    @Test
    void aPeersAddressOfEveryFamilyComesBackAsItWentIn() throws IOException {
        SocketAddress[] addresses = {
            new InetSocketAddress("192.0.2.255", 65_535),
            new InetSocketAddress("2001:db8::ffff", 1),
            new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal(), 7), 80),
            UnixDomainSocketAddress.of("/run/a socket"),
            UnixDomainSocketAddress.of("")
        };
        for (SocketAddress address : addresses) {
            assertThat(PeerAddress.of(address).get()).hasToString(address.toString());
        }
        assertThat(new PeerAddress().get()).isNull();
    }

    private static byte[] linkLocal() throws IOException {
        return InetAddress.getByName("fe80::1").getAddress();
    }

    @Test
    void optionsAreSetAndReadBack() {
        int fd = listener();
        assertThat(kernel.setOption(fd, SocketOption.SO_KEEPALIVE, 1)).isZero();
        assertThat(kernel.option(fd, SocketOption.SO_KEEPALIVE)).isEqualTo(1);
        assertThat(kernel.setOption(fd, SocketOption.TCP_NODELAY, 1)).isZero();
        assertThat(kernel.option(fd, SocketOption.TCP_NODELAY)).isEqualTo(1);
        assertThat(kernel.option(fd, SocketOption.SO_REUSEADDR)).isZero();
        assertThat(kernel.setLinger(fd, 3)).isZero();
        assertThat(kernel.setLinger(fd, -1)).isZero();
    }

    @Test
    void anOptionOfAnotherFamilyIsRefused() {
        assertThat(kernel.setOption(listener(), SocketOption.IPV6_V6ONLY, 1)).isNegative();
    }
}
