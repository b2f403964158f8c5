// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;

import javax.net.SocketFactory;

/**
 * Makes client sockets whose waits the engine's loops poll: for database drivers, HTTP clients and
 * whatever else takes a {@link SocketFactory}. They keep the contract of {@link Socket}, but for urgent
 * data, which is refused. TLS goes over them by any {@code SSLSocketFactory}.
 *
 * <p>Made without an engine, as drivers make it of its class name, it uses the engine that the JVM shares
 * ({@link NetpollEngine#acquire}) at the time of each socket, and the JDK's sockets while there is none.
 * It also leaves those to the JDK that go through a SOCKS proxy: where {@code socksProxyHost} is set, or an
 * application has a {@link ProxySelector} of its own.
 *
 * <p>Given a host name, it tries each of its addresses until one answers, as Go's {@code net.Dial} does;
 * names are looked up beside the loops. Safe from any thread.
 */
public final class NetpollSocketFactory extends SocketFactory {

    private static final @Nullable ProxySelector JDK_SELECTOR = ProxySelector.getDefault();

    private final EngineSource engines;

    /** On the engine that the JVM shares, which stays until the last of these sockets has closed. */
    public NetpollSocketFactory() {
        this.engines = SharedEngines.FOR_SOCKETS;
    }

    /** On {@code engine}. */
    public NetpollSocketFactory(NetpollEngine engine) {
        this.engines = () -> engine;
    }

    /**
     * Puts every {@link Socket} of the JVM that is made from now on, by whatever code, on the engine that the
     * JVM shares at that time: {@link java.net.HttpURLConnection}'s, those of drivers and clients that take
     * no factory, those under TLS. While there is no such engine, behind a SOCKS proxy and for what a
     * {@link java.net.ServerSocket} accepts, sockets are the JDK's.
     *
     * <p>It uses the JVM's {@linkplain Socket#setSocketImplFactory socket implementation factory}, which can
     * be set once, and {@code java.net} must be open to the engine ({@code
     * --add-opens=java.base/java.net=ALL-UNNAMED}).
     *
     * @return ends it: when each caller has closed what it got, sockets that are made are the JDK's again
     * @throws UnsupportedOperationException where it cannot be had; the message says why and what to do
     */
    public static AutoCloseable useForAllSockets() {
        return JvmSockets.use();
    }

    @Override
    public Socket createSocket() throws IOException {
        boolean jdk = engines == SharedEngines.FOR_SOCKETS && !SharedEngines.areThere();
        return jdk || mayUseSocks()
                ? SocketFactory.getDefault().createSocket()
                : new NetpollSocket(new OutboundSocketImpl(engines));
    }

    /** Whether only the JDK's sockets would find their way. */
    static boolean mayUseSocks() {
        return System.getProperty("socksProxyHost") != null
                || ProxySelector.getDefault() != JDK_SELECTOR;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connectToAny(host, port, null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
            throws IOException {
        return connectToAny(host, port, new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connect(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
            throws IOException {
        return connect(
                new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    private Socket connectToAny(String host, int port, @Nullable SocketAddress local)
            throws IOException {
        IOException failure = null;
        for (InetAddress address : HostLookup.addressesOf(host)) {
            try {
                return connect(new InetSocketAddress(address, port), local);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        throw failure != null ? failure : new IOException("No address of " + host);
    }

    private Socket connect(InetSocketAddress remote, @Nullable SocketAddress local)
            throws IOException {
        Socket socket = createSocket();
        try {
            if (local != null) {
                socket.bind(local);
            }
            socket.connect(remote);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
