// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import jdk.net.ExtendedSocketOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/**
 * The contract of a client {@link Socket}, as the JDK's own keep it: the suite runs on those and on the
 * engine's, on platform threads and on virtual ones. After each test every descriptor is gone.
 */
@Timeout(60)
abstract class OutboundSocketContract {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int LARGE = 8_000_000;

    /** In which a thread waits: parked, or in a system call of the JDK's own sockets. */
    private static final Set<String> WAITS = Set.of("park", "parkNanos", "poll", "read0");

    private final Sockets sockets;
    private final Function<Runnable, Thread> threads;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Set<String> before = Set.of();

    /** Runs the whole test on a thread of the kind under test. */
    @RegisterExtension
    final InvocationInterceptor onItsThread =
            new InvocationInterceptor() {
                @Override
                public void interceptTestMethod(
                        Invocation<Void> test,
                        ReflectiveInvocationContext<Method> called,
                        org.junit.jupiter.api.extension.ExtensionContext context)
                        throws Throwable {
                    CompletableFuture<Throwable> end = new CompletableFuture<>();
                    startThread(
                            () -> {
                                try {
                                    test.proceed();
                                    end.complete(null);
                                } catch (Throwable t) {
                                    end.complete(t);
                                }
                            });
                    Throwable failure = Bounded.value(end);
                    if (failure != null) {
                        throw failure;
                    }
                }
            };

    /** Makes unconnected sockets. */
    interface Sockets {
        Socket create() throws IOException;
    }

    /**
     * @param sockets makes the sockets under test
     * @param threads starts threads of the kind under test
     */
    OutboundSocketContract(Sockets sockets, Function<Runnable, Thread> threads) {
        this.sockets = sockets;
        this.threads = threads;
    }

    private Socket newSocket() throws IOException {
        return sockets.create();
    }

    private Thread startThread(Runnable task) {
        return threads.apply(task);
    }

    @BeforeEach
    void countDescriptors() {
        before = Descriptors.open();
    }

    @AfterEach
    void nothingIsLeftOpen() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
        Bounded.until(() -> Descriptors.beyond(before).isEmpty(), () -> Descriptors.beyond(before));
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private ServerSocket listen(InetAddress on) throws IOException {
        return open(new ServerSocket(0, 50, on));
    }

    /** Both ends of a connection: one of the kind under test, and a plain one of the JDK's. */
    private record Pair(Socket ours, Socket peer) {}

    private Pair connected() throws IOException {
        return connected(LOOPBACK);
    }

    private Pair connected(InetAddress on) throws IOException {
        ServerSocket server = listen(on);
        Socket ours = open(newSocket());
        ours.connect(server.getLocalSocketAddress());
        return new Pair(ours, open(server.accept()));
    }

    private <T> CompletableFuture<T> start(java.util.concurrent.Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        startThread(
                () -> {
                    try {
                        result.complete(work.call());
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                });
        return result;
    }

    /** A thread of the kind under test that reads once from {@code socket}; and what came of it. */
    private record Reading(Thread thread, CompletableFuture<Object> outcome) {}

    private Reading read(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        CountDownLatch reads = new CountDownLatch(1);
        Thread thread =
                startThread(
                        () -> {
                            reads.countDown();
                            try {
                                outcome.complete(in.read(new byte[100]));
                            } catch (Throwable t) {
                                outcome.complete(t);
                            }
                        });
        Bounded.await(reads);
        return new Reading(thread, outcome);
    }

    /** A read that has come to wait, as far as that can be seen from outside. */
    private Reading waitingRead(Socket socket) throws IOException {
        Reading reading = read(socket);
        Bounded.until(
                "the read waits",
                () ->
                        Arrays.stream(reading.thread().getStackTrace())
                                .anyMatch(frame -> WAITS.contains(frame.getMethodName())));
        return reading;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        return random;
    }

    // ---- connecting -----------------------------------------------------------------------------

    @Test
    void bytesGoBothWays() throws Exception {
        Pair pair = connected();

        pair.ours().getOutputStream().write(ascii("ping"));
        assertThat(pair.peer().getInputStream().readNBytes(4)).isEqualTo(ascii("ping"));
        pair.peer().getOutputStream().write(ascii("pong"));

        assertThat(pair.ours().getInputStream().readNBytes(4)).isEqualTo(ascii("pong"));
    }

    @Test
    void aConnectedSocketKnowsBothItsEnds() throws Exception {
        Pair pair = connected();

        assertThat(pair.ours().isConnected()).isTrue();
        assertThat(pair.ours().isBound()).isTrue();
        assertThat(pair.ours().isClosed()).isFalse();
        assertThat(pair.ours().getInetAddress()).isEqualTo(LOOPBACK);
        assertThat(pair.ours().getRemoteSocketAddress())
                .isEqualTo(pair.peer().getLocalSocketAddress());
        assertThat(pair.ours().getLocalSocketAddress())
                .isEqualTo(pair.peer().getRemoteSocketAddress());
        assertThat(pair.ours().getLocalPort()).isEqualTo(pair.peer().getPort());
        assertThat(pair.ours().getLocalAddress()).isEqualTo(LOOPBACK);
    }

    @Test
    void ipv6IsReachedToo() throws Exception {
        Pair pair = connected(InetAddress.getByName("::1"));

        pair.ours().getOutputStream().write(7);

        assertThat(pair.peer().getInputStream().read()).isEqualTo(7);
        assertThat(pair.ours().getLocalAddress()).isInstanceOf(Inet6Address.class);
    }

    @Test
    void theWildcardAddressIsThisHost() throws Exception {
        ServerSocket server = open(new ServerSocket(0));
        Socket ours = open(newSocket());

        ours.connect(new InetSocketAddress("0.0.0.0", server.getLocalPort()), 10_000);

        assertThat(ours.isConnected()).isTrue();
    }

    @Test
    void aRefusedConnectIsAConnectExceptionAndClosesTheSocket() throws Exception {
        int free;
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            free = gone.getLocalPort();
        }
        Socket ours = open(newSocket());

        assertThatThrownBy(() -> ours.connect(new InetSocketAddress(LOOPBACK, free)))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("Connection refused");
        assertThat(ours.isClosed()).isTrue();
        assertThat(ours.isConnected()).isFalse();
    }

    @Test
    void aPeerThatDoesNotAnswerIsATimeOutOfTheConnect() throws Exception {
        ServerSocket deaf = open(new ServerSocket(0, 1, LOOPBACK));
        fillBacklog(deaf);
        Socket ours = open(newSocket());

        assertThatThrownBy(() -> ours.connect(deaf.getLocalSocketAddress(), 50))
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("Connect timed out");
        assertThat(ours.isClosed()).isTrue();
    }

    /** Until a connect is not answered: the kernel drops what a full queue has no room for. */
    private void fillBacklog(ServerSocket deaf) throws IOException {
        while (true) {
            Socket filler = open(new Socket());
            try {
                filler.connect(deaf.getLocalSocketAddress(), 300);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }

    @Test
    void closingEndsAPendingConnect() throws Exception {
        ServerSocket deaf = open(new ServerSocket(0, 1, LOOPBACK));
        fillBacklog(deaf);
        Socket ours = open(newSocket());
        CompletableFuture<Void> connecting =
                start(
                        () -> {
                            ours.connect(deaf.getLocalSocketAddress());
                            return null;
                        });
        Bounded.until("the connect has begun", () -> synSent(deaf.getLocalPort()) > 0);

        ours.close();

        assertThatThrownBy(() -> Bounded.get(connecting))
                .cause()
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("losed");
    }

    /** Connects to {@code port} that are under way, as the kernel lists them. */
    private static long synSent(int port) {
        String there = String.format(":%04X 02", port);
        try {
            return java.util.stream.Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                    .flatMap(OutboundSocketContract::lines)
                    .filter(line -> line.contains(there))
                    .count();
        } catch (java.io.UncheckedIOException e) {
            return 0;
        }
    }

    private static java.util.stream.Stream<String> lines(String file) {
        try {
            return java.nio.file.Files.readAllLines(java.nio.file.Path.of(file)).stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void anAddressWithoutAnAddressIsAnUnknownHost() throws Exception {
        Socket ours = open(newSocket());

        assertThatThrownBy(
                        () ->
                                ours.connect(
                                        InetSocketAddress.createUnresolved("nowhere.invalid", 1)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("nowhere.invalid");
        assertThat(ours.isClosed()).isTrue();
    }

    @Test
    void aSecondConnectIsRefused() throws Exception {
        Pair pair = connected();

        assertThatThrownBy(() -> pair.ours().connect(pair.peer().getLocalSocketAddress()))
                .isInstanceOf(SocketException.class)
                .hasMessageStartingWith("Already connected");
    }

    @Test
    void streamsOfAnUnconnectedSocketAreRefused() throws Exception {
        Socket ours = open(newSocket());

        assertThatThrownBy(ours::getInputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is not connected");
        assertThatThrownBy(ours::getOutputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is not connected");
    }

    @Test
    void aLocalAddressCanBeChosen() throws Exception {
        ServerSocket server = listen(LOOPBACK);
        Socket ours = open(newSocket());

        ours.bind(new InetSocketAddress("127.0.0.2", 0));
        int port = ours.getLocalPort();
        ours.connect(server.getLocalSocketAddress());
        Socket peer = open(server.accept());

        assertThat(port).isPositive();
        assertThat(ours.getLocalPort()).isEqualTo(port);
        assertThat(peer.getRemoteSocketAddress())
                .isEqualTo(new InetSocketAddress("127.0.0.2", port));
    }

    @Test
    void aLocalPortInUseIsABindException() throws Exception {
        ServerSocket taken = listen(LOOPBACK);
        Socket ours = open(newSocket());

        assertThatThrownBy(() -> ours.bind(taken.getLocalSocketAddress()))
                .isInstanceOf(BindException.class)
                .hasMessageStartingWith("Address already in use");
    }

    @Test
    void aLocalAddressOfAnotherHostIsABindException() throws Exception {
        Socket ours = open(newSocket());

        assertThatThrownBy(() -> ours.bind(new InetSocketAddress("192.0.2.1", 0)))
                .isInstanceOf(BindException.class)
                .hasMessageStartingWith("Cannot assign requested address");
    }

    // ---- reading --------------------------------------------------------------------------------

    @Test
    void aReadWaitsForBytes() throws Exception {
        Pair pair = connected();
        Reading reading = waitingRead(pair.ours());

        pair.peer().getOutputStream().write(ascii("late"));

        assertThat(Bounded.value(reading.outcome())).isEqualTo(4);
    }

    @Test
    void aReadTakesWhatThereIsAndNoMore() throws Exception {
        Pair pair = connected();
        pair.peer().getOutputStream().write(ascii("abcdef"));
        InputStream in = pair.ours().getInputStream();
        byte[] into = "..........".getBytes(StandardCharsets.US_ASCII);

        assertThat(in.read(into, 2, 3)).isEqualTo(3);
        assertThat(in.read(into, 5, 5)).isEqualTo(3);
        assertThat(into).isEqualTo(ascii("..abcdef.."));
    }

    @Test
    void nothingIsReadIntoNoRoom() throws Exception {
        Pair pair = connected();

        assertThat(pair.ours().getInputStream().read(new byte[0])).isZero();
        assertThatThrownBy(() -> pair.ours().getInputStream().read(new byte[2], 1, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theEndOfTheStreamIsReadForEver() throws Exception {
        Pair pair = connected();
        pair.peer().getOutputStream().write(1);
        pair.peer().close();
        InputStream in = pair.ours().getInputStream();

        assertThat(in.read()).isEqualTo(1);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(new byte[10])).isEqualTo(-1);
    }

    @Test
    void aReadThatWaitsSeesThePeersEnd() throws Exception {
        Pair pair = connected();
        Reading reading = waitingRead(pair.ours());

        pair.peer().shutdownOutput();

        assertThat(Bounded.value(reading.outcome())).isEqualTo(-1);
    }

    @Test
    void aReadTimesOutAndTheSocketGoesOn() throws Exception {
        Pair pair = connected();
        pair.ours().setSoTimeout(20);
        InputStream in = pair.ours().getInputStream();

        assertThatThrownBy(in::read)
                .isExactlyInstanceOf(SocketTimeoutException.class)
                .hasMessage("Read timed out");
        pair.peer().getOutputStream().write(5);

        assertThat(in.read()).isEqualTo(5);
        assertThat(pair.ours().isClosed()).isFalse();
    }

    /** What the PostgreSQL driver does to look whether anything has come. */
    @Test
    void aTimeOutSetBackToZeroIsNone() throws Exception {
        Pair pair = connected();
        InputStream in = pair.ours().getInputStream();
        pair.ours().setSoTimeout(1);
        assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);

        pair.ours().setSoTimeout(0);
        Reading reading = waitingRead(pair.ours());
        pair.peer().getOutputStream().write(ascii("abc"));

        assertThat(Bounded.value(reading.outcome())).isEqualTo(3);
    }

    @Test
    void bytesThatAreThereAreReadWhateverTheTimeOut() throws Exception {
        Pair pair = connected();
        pair.peer().getOutputStream().write(ascii("abc"));
        Bounded.until("the bytes have come", () -> available(pair.ours()) == 3);
        pair.ours().setSoTimeout(1);

        assertThat(pair.ours().getInputStream().readNBytes(3)).isEqualTo(ascii("abc"));
    }

    private static int available(Socket socket) {
        try {
            return socket.getInputStream().available();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void itTellsHowMuchCanBeReadAtOnce() throws Exception {
        Pair pair = connected();
        assertThat(pair.ours().getInputStream().available()).isZero();

        pair.peer().getOutputStream().write(new byte[1234]);

        Bounded.until("1234 bytes", () -> available(pair.ours()) == 1234);
    }

    @Test
    void readersWaitForEachOther() throws Exception {
        Pair pair = connected();
        Reading first = waitingRead(pair.ours());
        Reading second = read(pair.ours());

        pair.peer().getOutputStream().write(1);
        BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
        first.outcome().thenAccept(outcomes::add);
        second.outcome().thenAccept(outcomes::add);
        assertThat(outcomes.poll(60, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo(1);
        pair.peer().getOutputStream().write(2);

        assertThat(Bounded.value(first.outcome())).isEqualTo(1);
        assertThat(Bounded.value(second.outcome())).isEqualTo(1);
    }

    @Test
    void aReaderThatWaitsForAnotherTimesOutToo() throws Exception {
        Pair pair = connected();
        Reading first = waitingRead(pair.ours());
        pair.ours().setSoTimeout(20);

        assertThatThrownBy(pair.ours().getInputStream()::read)
                .isInstanceOf(SocketTimeoutException.class);
        pair.peer().close();
        assertThat(Bounded.value(first.outcome())).isEqualTo(-1);
    }

    // ---- both ways ------------------------------------------------------------------------------

    @Test
    void muchGoesBothWaysAtOnce() throws Exception {
        Pair pair = connected();
        byte[] there = random(LARGE);
        byte[] back = random(LARGE - 1);
        CompletableFuture<byte[]> peerReads =
                Bounded.background(() -> pair.peer().getInputStream().readNBytes(LARGE));
        CompletableFuture<Void> peerWrites =
                Bounded.background(
                        () -> {
                            pair.peer().getOutputStream().write(back);
                            return null;
                        });

        CompletableFuture<Void> writes =
                start(
                        () -> {
                            pair.ours().getOutputStream().write(there);
                            return null;
                        });
        byte[] read = pair.ours().getInputStream().readNBytes(LARGE - 1);

        Bounded.value(writes);
        Bounded.value(peerWrites);
        assertThat(Arrays.equals(read, back)).isTrue();
        assertThat(Arrays.equals(Bounded.value(peerReads), there)).isTrue();
    }

    @Test
    void oneHalfCanBeClosed() throws Exception {
        Pair pair = connected();
        pair.ours().getOutputStream().write(1);

        pair.ours().shutdownOutput();

        assertThat(pair.peer().getInputStream().readAllBytes()).containsExactly(1);
        pair.peer().getOutputStream().write(2);
        assertThat(pair.ours().getInputStream().read()).isEqualTo(2);
        assertThat(pair.ours().isOutputShutdown()).isTrue();
        assertThatThrownBy(pair.ours()::getOutputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket output is shutdown");
    }

    @Test
    void writingAfterTheHalfWasClosedFails() throws Exception {
        Pair pair = connected();
        OutputStream out = pair.ours().getOutputStream();
        pair.ours().shutdownOutput();

        assertThatThrownBy(() -> out.write(1))
                .isInstanceOf(SocketException.class)
                .hasMessage("Broken pipe");
    }

    @Test
    void theReadingHalfCanBeClosed() throws Exception {
        Pair pair = connected();
        InputStream in = pair.ours().getInputStream();
        Reading reading = waitingRead(pair.ours());

        pair.ours().shutdownInput();

        assertThat(Bounded.value(reading.outcome())).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.available()).isZero();
        pair.ours().getOutputStream().write(3);
        assertThat(pair.peer().getInputStream().read()).isEqualTo(3);
    }

    // ---- closing --------------------------------------------------------------------------------

    @Test
    void closingEndsAPendingRead() throws Exception {
        Pair pair = connected();
        Reading reading = waitingRead(pair.ours());

        pair.ours().close();

        assertThat(Bounded.value(reading.outcome()))
                .isExactlyInstanceOf(SocketException.class)
                .hasToString("java.net.SocketException: Socket closed");
    }

    @Test
    void closingAStreamClosesTheSocket() throws Exception {
        Pair pair = connected();

        pair.ours().getInputStream().close();

        assertThat(pair.ours().isClosed()).isTrue();
        assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void closingEndsAPendingWrite() throws Exception {
        Pair pair = connected();
        CountDownLatch writes = new CountDownLatch(1);
        CompletableFuture<Void> writing =
                start(
                        () -> {
                            OutputStream out = pair.ours().getOutputStream();
                            while (true) {
                                out.write(new byte[100_000]);
                                writes.countDown();
                            }
                        });
        Bounded.await(writes);

        pair.ours().close();

        assertThatThrownBy(() -> Bounded.get(writing))
                .cause()
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("losed");
    }

    @Test
    void aClosedSocketRefusesEverything() throws Exception {
        Pair pair = connected();
        InputStream in = pair.ours().getInputStream();
        OutputStream out = pair.ours().getOutputStream();

        pair.ours().close();
        pair.ours().close();

        assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> pair.ours().setTcpNoDelay(true))
                .isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> pair.ours().setSoTimeout(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(pair.ours()::getInputStream)
                .isInstanceOf(SocketException.class)
                .hasMessage("Socket is closed");
        assertThat(pair.ours().isConnected()).isTrue();
        assertThat(pair.ours().getPort()).isEqualTo(pair.peer().getLocalPort());
    }

    @Test
    void aSocketThatNeverConnectedClosesToo() throws Exception {
        Socket ours = newSocket();
        ours.setTcpNoDelay(true);

        ours.close();

        assertThat(ours.isClosed()).isTrue();
    }

    @Test
    void aForgottenSocketIsClosedByTheCollector() throws Exception {
        ServerSocket server = listen(LOOPBACK);
        connectAndForget(server);
        Socket peer = open(server.accept());
        CompletableFuture<Integer> end = Bounded.background(() -> peer.getInputStream().read());

        Bounded.until(
                "the collector has closed it",
                () -> {
                    System.gc();
                    return end.isDone();
                });

        assertThat(Bounded.value(end)).isEqualTo(-1);
    }

    private void connectAndForget(ServerSocket server) throws IOException {
        newSocket().connect(server.getLocalSocketAddress());
    }

    // ---- resets ---------------------------------------------------------------------------------

    @Test
    void lingeringForNoTimeResetsTheConnection() throws Exception {
        Pair pair = connected();
        pair.ours().setSoLinger(true, 0);

        pair.ours().close();

        assertThatThrownBy(pair.peer().getInputStream()::read)
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
    }

    @Test
    void thePeersResetIsReadForEver() throws Exception {
        Pair pair = connected();
        pair.peer().setSoLinger(true, 0);
        pair.peer().close();
        InputStream in = pair.ours().getInputStream();

        assertThatThrownBy(in::read)
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
        assertThatThrownBy(in::read)
                .isInstanceOf(SocketException.class)
                .hasMessage("Connection reset");
    }

    @Test
    void aReadThatWaitsSeesThePeersReset() throws Exception {
        Pair pair = connected();
        Reading reading = waitingRead(pair.ours());
        pair.peer().setSoLinger(true, 0);

        pair.peer().close();

        assertThat(Bounded.value(reading.outcome()))
                .hasToString("java.net.SocketException: Connection reset");
    }

    @Test
    void writingToAPeerThatHasResetFails() throws Exception {
        Pair pair = connected();
        pair.peer().setSoLinger(true, 0);
        pair.peer().close();
        OutputStream out = pair.ours().getOutputStream();

        assertThatThrownBy(
                        () -> {
                            while (true) {
                                out.write(new byte[1000]);
                            }
                        })
                .isInstanceOf(SocketException.class)
                .message()
                .isIn("Connection reset", "Connection reset by peer", "Broken pipe");
    }

    // ---- interrupts -----------------------------------------------------------------------------

    @Test
    void anInterruptClosesTheSocketOfAVirtualThreadAlone() throws Exception {
        Pair pair = connected();
        Reading reading = waitingRead(pair.ours());

        reading.thread().interrupt();

        if (reading.thread().isVirtual()) {
            assertThat(Bounded.value(reading.outcome()))
                    .hasToString("java.net.SocketException: Closed by interrupt");
            assertThat(pair.ours().isClosed()).isTrue();
            return;
        }
        pair.peer().getOutputStream().write(ascii("ab"));
        assertThat(Bounded.value(reading.outcome())).isEqualTo(2);
        assertThat(pair.ours().isClosed()).isFalse();
    }

    @Test
    void anInterruptThatCameBeforeIsKept() throws Exception {
        Pair pair = connected();
        pair.peer().getOutputStream().write(ascii("ab"));
        Bounded.until("the bytes have come", () -> available(pair.ours()) == 2);

        CompletableFuture<Boolean> kept =
                start(
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThat(pair.ours().getInputStream().read()).isEqualTo('a');
                            return Thread.currentThread().isInterrupted();
                        });

        assertThat(Bounded.value(kept)).isTrue();
    }

    // ---- options --------------------------------------------------------------------------------

    @Test
    void optionsKeepTheirValues() throws Exception {
        ServerSocket server = listen(LOOPBACK);
        Socket ours = open(newSocket());
        setAll(ours);
        assertAll(ours);

        ours.connect(server.getLocalSocketAddress());

        assertAll(ours);
        setAll(ours);
        assertAll(ours);
    }

    private static void setAll(Socket ours) throws IOException {
        ours.setTcpNoDelay(true);
        ours.setKeepAlive(true);
        ours.setReuseAddress(true);
        ours.setSoLinger(true, 5);
        ours.setSoTimeout(1234);
        ours.setReceiveBufferSize(40_000);
        ours.setSendBufferSize(50_000);
        ours.setTrafficClass(0x10);
        ours.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 77);
        ours.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 7);
        ours.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    }

    private static void assertAll(Socket ours) throws IOException {
        assertThat(ours.getTcpNoDelay()).isTrue();
        assertThat(ours.getKeepAlive()).isTrue();
        assertThat(ours.getReuseAddress()).isTrue();
        assertThat(ours.getSoLinger()).isEqualTo(5);
        assertThat(ours.getSoTimeout()).isEqualTo(1234);
        assertThat(ours.getReceiveBufferSize()).isEqualTo(40_000);
        assertThat(ours.getSendBufferSize()).isEqualTo(50_000);
        assertThat(ours.getTrafficClass()).isEqualTo(0x10);
        assertThat(ours.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
        assertThat(ours.getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(5);
        assertThat(ours.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(77);
        assertThat(ours.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(7);
        assertThat(ours.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
    }

    @Test
    void optionsBeginAsTheSystemHasThem() throws Exception {
        try (Socket ours = newSocket();
                Socket jdk = new Socket()) {
            assertThat(ours.getTcpNoDelay()).isEqualTo(jdk.getTcpNoDelay());
            assertThat(ours.getKeepAlive()).isEqualTo(jdk.getKeepAlive());
            assertThat(ours.getReuseAddress()).isEqualTo(jdk.getReuseAddress());
            assertThat(ours.getSoLinger()).isEqualTo(jdk.getSoLinger());
            assertThat(ours.getSoTimeout()).isEqualTo(jdk.getSoTimeout());
            assertThat(ours.getReceiveBufferSize()).isEqualTo(jdk.getReceiveBufferSize());
            assertThat(ours.getSendBufferSize()).isEqualTo(jdk.getSendBufferSize());
            assertThat(ours.getTrafficClass()).isEqualTo(jdk.getTrafficClass());
            assertThat(ours.getOOBInline()).isEqualTo(jdk.getOOBInline());
        }
    }

    @Test
    void lingeringCanBeSwitchedOffAgain() throws Exception {
        Socket ours = open(newSocket());
        ours.setSoLinger(true, 5);

        ours.setSoLinger(false, 0);

        assertThat(ours.getSoLinger()).isEqualTo(-1);
        assertThat(ours.getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(-1);
    }

    @Test
    void valuesThatMeanNothingAreRefused() throws Exception {
        Socket ours = open(newSocket());

        assertThatThrownBy(() -> ours.setReceiveBufferSize(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ours.setSoTimeout(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ours.setTrafficClass(256))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ours.setOption(StandardSocketOptions.SO_RCVBUF, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ours.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(ours.supportedOptions())
                .contains(StandardSocketOptions.TCP_NODELAY, StandardSocketOptions.SO_LINGER);
    }
}
