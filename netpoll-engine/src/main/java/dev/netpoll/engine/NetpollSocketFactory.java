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

    private final @Nullable NetpollEngine engine;

    /** On the engine that the JVM shares. */
    public NetpollSocketFactory() {
        this.engine = null;
    }

    /** On {@code engine}. */
    public NetpollSocketFactory(NetpollEngine engine) {
        this.engine = engine;
    }

    @Override
    public Socket createSocket() throws IOException {
        NetpollEngine on = engine != null ? engine : SharedEngines.firstOrNull();
        return on == null || mayUseSocks()
                ? SocketFactory.getDefault().createSocket()
                : new NetpollSocket(new OutboundSocketImpl(on));
    }

    private static boolean mayUseSocks() {
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
