// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.ClosingException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Real sockets through the public face. */
class EchoTest {

    private NetpollEngine engine;
    private NetpollListener listener;
    private int port;

    @BeforeEach
    void listen() throws IOException {
        engine = NetpollEngine.start(EngineConfig.defaults());
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listener = engine.listen(any, ListenOptions.defaults());
        port = ((InetSocketAddress) listener.localAddress()).getPort();
        engine.fork("acceptor", this::acceptAll);
    }

    @AfterEach
    void close() {
        listener.close();
        engine.close();
    }

    private void acceptAll() {
        try {
            while (true) {
                NetpollConnection connection = listener.accept();
                connection.fork(() -> echo(connection));
            }
        } catch (ClosingException e) {
            // The test is over.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void echo(NetpollConnection connection) {
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        try (connection) {
            while (connection.read(buffer) >= 0) {
                buffer.flip();
                connection.write(buffer);
                buffer.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void bytesComeBackAsTheyWereSent() throws Exception {
        byte[] sent = new byte[5_000_000];
        new Random(7).nextBytes(sent);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            Thread writer =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    socket.getOutputStream().write(sent);
                                    socket.shutdownOutput();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            byte[] got = socket.getInputStream().readAllBytes();
            writer.join();
            assertThat(got).isEqualTo(sent);
        }
    }

    @Test
    void manyConnectionsAreServedAtOnce() throws Exception {
        int connections = 200;
        int rounds = 50;
        var done = new CountDownLatch(connections);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            byte id = (byte) i;
            clients.add(engine.fork("client", () -> pingPong(id, rounds, done)));
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        for (Thread client : clients) {
            client.join();
        }
    }

    private void pingPong(byte id, int rounds, CountDownLatch done) {
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (var connection = engine.connect(server, Duration.ofSeconds(10))) {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            for (int i = 0; i < rounds; i++) {
                buffer.clear().put(id).flip();
                connection.write(buffer);
                buffer.clear();
                int n = connection.read(buffer);
                if (n != 1 || buffer.get(0) != id) {
                    throw new IllegalStateException("got " + n + " bytes, first " + buffer.get(0));
                }
            }
            done.countDown();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void readTimesOutAtItsDeadlineAndWorksAgainWhenItIsMoved() throws Exception {
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (var connection = engine.connect(server, Duration.ofSeconds(10))) {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            connection.setReadDeadline(engine.ticker().nanoTime() + 20_000_000);
            assertThatThrownBy(() -> connection.read(buffer))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("deadline exceeded");
            assertThatThrownBy(() -> connection.read(buffer))
                    .isInstanceOf(SocketTimeoutException.class);
            connection.setReadDeadline(NetpollConnection.NO_DEADLINE);
            connection.write(ByteBuffer.wrap(new byte[] {42}));
            assertThat(connection.read(buffer)).isEqualTo(1);
        }
    }

    @Test
    void connectingToAClosedPortSaysRefused() {
        listener.close();
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        assertThatThrownBy(() -> engine.connect(server, Duration.ofSeconds(10)))
                .isInstanceOf(java.net.ConnectException.class)
                .hasMessageContaining("ECONNREFUSED");
    }
}
