// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;

/** The contract of client sockets, on the JDK's and on the engine's; and what is the engine's alone. */
class OutboundSocketTest {

    private static NetpollEngine engine;
    private static NetpollSocketFactory factory;

    @BeforeAll
    static void start() throws Exception {
        engine = NetpollEngine.start(EngineConfig.defaults().withLoops(2));
        factory = new NetpollSocketFactory(engine);
        letTheJdkOpenItsOwn();
    }

    /** The JDK opens descriptors of its own for the first socket that a virtual thread waits for. */
    static void letTheJdkOpenItsOwn() throws InterruptedException {
        Thread.ofVirtual().start(OutboundSocketTest::waitOnce).join();
    }

    private static void waitOnce() {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            client.setSoTimeout(1);
            assertThatThrownBy(client.getInputStream()::read).isInstanceOf(IOException.class);
            accepted.getOutputStream().write(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Nested
    class OfTheJdkOnPlatformThreads extends OutboundSocketContract {
        OfTheJdkOnPlatformThreads() {
            super(Socket::new, OutboundSocketTest::platformThread);
        }
    }

    @Nested
    class OfTheJdkOnVirtualThreads extends OutboundSocketContract {
        OfTheJdkOnVirtualThreads() {
            super(Socket::new, Thread::startVirtualThread);
        }
    }

    @Nested
    class OnPlatformThreads extends OutboundSocketContract {
        OnPlatformThreads() {
            super(factory::createSocket, OutboundSocketTest::platformThread);
        }
    }

    @Nested
    class OnLoops extends OutboundSocketContract {
        OnLoops() {
            super(factory::createSocket, task -> engine.fork("on-a-loop", task));
        }
    }

    @Nested
    class OnTheJdksVirtualThreads extends OutboundSocketContract {
        OnTheJdksVirtualThreads() {
            super(factory::createSocket, Thread::startVirtualThread);
        }
    }

    static Thread platformThread(Runnable task) {
        return Thread.ofPlatform().daemon().start(task);
    }

    @Test
    void urgentDataIsRefused() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket ours =
                        factory.createSocket(server.getInetAddress(), server.getLocalPort())) {
            assertThatThrownBy(() -> ours.sendUrgentData(1))
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Urgent data not supported");
        }
    }

    @Test
    void aFailuresCauseHasTheErrno() throws Exception {
        int free;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = gone.getLocalPort();
        }

        assertThatThrownBy(() -> factory.createSocket("127.0.0.1", free))
                .hasMessage("Connection refused (ECONNREFUSED): /127.0.0.1:" + free)
                .cause()
                .isInstanceOfSatisfying(
                        KernelException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
    }

    @Test
    void theFactoryBindsWhatItIsToldTo() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        InetAddress second = InetAddress.getByName("127.0.0.2");
        try (ServerSocket server = new ServerSocket(0, 1, loopback);
                Socket ours = factory.createSocket(loopback, server.getLocalPort(), second, 0);
                Socket named =
                        factory.createSocket("127.0.0.1", server.getLocalPort(), second, 0)) {
            assertThat(ours.getLocalAddress()).isEqualTo(second);
            assertThat(named.getLocalAddress()).isEqualTo(second);
        }
    }

    @Test
    void withoutAnEngineTheSocketIsTheJdks() throws Exception {
        NetpollSocketFactory ofDrivers = new NetpollSocketFactory();
        try (Socket before = ofDrivers.createSocket()) {
            assertThat(before).isExactlyInstanceOf(Socket.class);
        }
        NetpollEngine shared = NetpollEngine.acquire(EngineConfig.defaults().withName("shared"));
        try (Socket with = ofDrivers.createSocket()) {
            assertThat(with).isInstanceOf(NetpollSocket.class);
        } finally {
            shared.release();
        }
        try (Socket after = ofDrivers.createSocket()) {
            assertThat(after).isExactlyInstanceOf(Socket.class);
        }
    }

    @Test
    void aClosedEngineFailsWhatIsPendingOnItsSockets() throws Exception {
        NetpollEngine own = NetpollEngine.start(EngineConfig.defaults().withName("own"));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket ours =
                        new NetpollSocketFactory(own)
                                .createSocket(server.getInetAddress(), server.getLocalPort())) {
            own.close();

            assertThatThrownBy(ours.getInputStream()::read)
                    .isInstanceOf(SocketException.class)
                    .hasMessage("Socket closed");
        }
    }

    @Test
    void aProxyForSocksIsLeftToTheJdk() throws Exception {
        System.setProperty("socksProxyHost", "127.0.0.1");
        try (Socket socket = factory.createSocket()) {
            assertThat(socket).isExactlyInstanceOf(Socket.class);
        } finally {
            System.clearProperty("socksProxyHost");
        }
    }

    @Test
    void anUnreachableNetworkIsNoRoute() {
        KernelException unreachable =
                new KernelException("connect", 1, -Errno.ENETUNREACH.number());

        assertThat(Dialer.failed(new InetSocketAddress(1), unreachable))
                .isInstanceOf(java.net.NoRouteToHostException.class)
                .hasCause(unreachable);
    }
}
