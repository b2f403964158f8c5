// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Real sockets through the public face, once with loops that carry the virtual threads and once with
 * the JDK's scheduler. After each test every descriptor and every thread of the engine is gone.
 */
@ParameterizedClass
@EnumSource(
        value = CarrierMode.class,
        names = {"LOOP", "JDK"})
abstract class FaceTest {

    static final Duration SOON = Duration.ofSeconds(20);

    private static final String NAME = "face-test";
    private static final int LOOPS = 2;

    @Parameter CarrierMode carriers;

    NetpollEngine engine;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Set<String> descriptorsBefore;

    /** The JDK opens descriptors of its own with its first sockets, its pollers' with the first engine, and keeps them. */
    @BeforeAll
    static void letTheJdkOpenItsOwn() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
                var accepted = server.accept();
                var channel = SocketChannel.open(server.getLocalSocketAddress())) {
            assertThat(client.isConnected() && accepted.isConnected() && channel.isConnected())
                    .isTrue();
        }
        NetpollEngine.start(new EngineConfig(NAME, 1, CarrierMode.LOOP)).close();
        Bounded.until("the first engine's carriers have left", () -> threads().isEmpty());
    }

    @BeforeEach
    void start() throws IOException {
        descriptorsBefore = Descriptors.open();
        engine = NetpollEngine.start(new EngineConfig(NAME, LOOPS, carriers));
        assertThat(engine.carriesThreads()).isEqualTo(carriers == CarrierMode.LOOP);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
        Bounded.until(
                "no connection is counted any more",
                () -> engine.snapshot().loops().stream().allMatch(l -> l.connections() == 0));
        engine.close();
        Bounded.until("the carriers have left", () -> threads().isEmpty());
        // Others' may go meanwhile: what an earlier class has left to the collector.
        Bounded.untilEqual(Set.of(), () -> Descriptors.beyond(descriptorsBefore));
        assertThat(engine.group().failure()).isNull();
    }

    static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(NAME))
                .toList();
    }

    // ---- what tests open ------------------------------------------------------------------------

    <T extends AutoCloseable> T closedAtTheEnd(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    NetpollListener listen(SocketAddress address) throws IOException {
        return closedAtTheEnd(engine.listen(address, ListenOptions.defaults()));
    }

    NetpollListener listen() throws IOException {
        return listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static int port(NetpollListener listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** A raw client; its reads are bounded. */
    Socket client(int port) throws IOException {
        var socket = closedAtTheEnd(new Socket());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout((int) SOON.toMillis());
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Our end of a new connection and the raw client's. */
    record Pair(NetpollConnection ours, Socket theirs) {}

    Pair pair() throws Exception {
        NetpollListener listener = listen();
        FutureTask<NetpollConnection> accepting = fork(listener::accept);
        Socket theirs = client(port(listener));
        return new Pair(closedAtTheEnd(get(accepting)), theirs);
    }

    /** Connections as they are accepted, until the listener closes. */
    BlockingQueue<NetpollConnection> acceptAll(NetpollListener listener) {
        var accepted = new LinkedBlockingQueue<NetpollConnection>();
        fork(
                () -> {
                    try {
                        while (true) {
                            accepted.add(listener.accept());
                        }
                    } catch (ClosingException e) {
                        return null; // the test is over
                    }
                });
        return accepted;
    }

    NetpollConnection next(BlockingQueue<NetpollConnection> accepted) throws InterruptedException {
        NetpollConnection connection = accepted.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(connection).as("a connection in time").isNotNull();
        return closedAtTheEnd(connection);
    }

    // ---- threads --------------------------------------------------------------------------------

    /** Runs it on a virtual thread of the engine. */
    <T> FutureTask<T> fork(Callable<T> work) {
        var task = new FutureTask<>(work);
        engine.fork("test", task);
        return task;
    }

    static <T> T get(FutureTask<T> task) throws Exception {
        return task.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    long in(Duration delay) {
        return engine.ticker().nanoTime() + delay.toNanos();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
