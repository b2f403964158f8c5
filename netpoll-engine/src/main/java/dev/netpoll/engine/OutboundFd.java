// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * The descriptor of an outbound socket: a plain one, with options and perhaps a local address, until it
 * connects; then a connection under a loop.
 *
 * <pre>
 * state         → state         moved by
 * UNCONNECTED   → CONNECTING    connect: connect(2) is under way, the poller has the descriptor
 * CONNECTING    → CONNECTED     the connecting thread, when it has succeeded
 * any           → CLOSED        close, once; a failed connect
 * </pre>
 *
 * <p>Every move, and every use of the plain descriptor, is under this object's lock, which no thread holds
 * while it waits. Safe from any thread. It knows nothing of the socket that uses it, so that a cleaner can
 * close what a forgotten socket has left open.
 */
final class OutboundFd {

    private enum State {
        UNCONNECTED,
        CONNECTING,
        CONNECTED,
        CLOSED
    }

    private final EngineSource source;
    private final NetpollEngine engine;
    private final Kernel kernel;
    private final int fd;

    /** Under the lock. */
    private State state = State.UNCONNECTED;

    /** From CONNECTING on. Written under the lock, before the state. */
    private @Nullable NetpollConnection connection;

    /** The connection once CONNECTED, for readers and writers. Volatile. */
    private volatile @Nullable NetpollConnection connected;

    private OutboundFd(EngineSource source, NetpollEngine engine, int fd) {
        this.source = source;
        this.engine = engine;
        this.kernel = engine.kernel();
        this.fd = fd;
    }

    static OutboundFd open(EngineSource source) throws IOException {
        NetpollEngine engine = source.take();
        try {
            return new OutboundFd(source, engine, engine.dialer().socket());
        } catch (IOException | RuntimeException e) {
            source.giveBack(engine);
            throw e;
        }
    }

    NetpollEngine engine() {
        return engine;
    }

    /** Binds it to a local address, before it connects. */
    synchronized void bind(InetSocketAddress local) throws IOException {
        requireOpen();
        if (state != State.UNCONNECTED) {
            throw new SocketException("Already connected");
        }
        int r = kernel.bind(fd, engine.dialer().onSocket(local));
        if (r < 0) {
            BindException failure = engine.bindFailed("bind", local, r);
            failure.initCause(new KernelException("bind", fd, r));
            throw failure;
        }
    }

    /** Starts connect(2) and gives the descriptor to a loop; {@link #connected()} follows. */
    synchronized NetpollConnection connect(InetSocketAddress remote) throws IOException {
        requireOpen();
        if (state != State.UNCONNECTED) {
            throw new SocketException(
                    state == State.CONNECTED ? "Already connected" : "Connection in progress");
        }
        InetSocketAddress onSocket = engine.dialer().onSocket(remote);
        engine.dialer().start(fd, onSocket, remote);
        try {
            NetpollConnection under = engine.adopt(fd, PeerAddress.of(remote));
            connection = under;
            engine.connected(under, remote);
            state = State.CONNECTING;
            return under;
        } catch (IOException | RuntimeException e) {
            end(); // the poller has closed what it did not take
            throw e;
        }
    }

    /** The connection stands. False when it was closed meanwhile. */
    synchronized boolean connected() {
        if (state != State.CONNECTING) {
            return false;
        }
        state = State.CONNECTED;
        connected = connection;
        return true;
    }

    /** The connection that stands. */
    NetpollConnection connection() throws SocketException {
        NetpollConnection now = connected;
        if (now == null) {
            throw new SocketException(isClosed() ? "Socket closed" : "Not connected");
        }
        return now;
    }

    synchronized boolean isClosed() {
        return state == State.CLOSED;
    }

    synchronized void setOption(SocketOption option, int value) throws SocketException {
        requireOpen();
        NetpollConnection under = connection;
        boolean taken =
                under == null
                        ? kernel.setOption(fd, option, value) >= 0
                        : under.setOption(option, value);
        if (!taken) {
            throw new SocketException("Invalid argument: " + option + " " + value);
        }
    }

    /** The class of traffic, for both families where the socket is of both. */
    synchronized void setTrafficClass(int value) throws SocketException {
        setOption(SocketOption.IP_TOS, value);
        if (engine.dialer().isDual()) {
            setOption(SocketOption.IPV6_TCLASS, value);
        }
    }

    synchronized void setLinger(int seconds) throws SocketException {
        requireOpen();
        NetpollConnection under = connection;
        if (under == null) {
            kernel.setLinger(fd, seconds);
        } else {
            under.setLinger(seconds);
        }
    }

    synchronized int option(SocketOption option) throws SocketException {
        requireOpen();
        NetpollConnection under = connection;
        int value = under == null ? kernel.option(fd, option) : under.option(option);
        if (value < 0) {
            throw new SocketException("Protocol not available: " + option);
        }
        return value;
    }

    synchronized @Nullable SocketAddress localAddress() throws SocketException {
        requireOpen();
        NetpollConnection under = connection;
        return under == null ? kernel.localAddress(fd) : under.localAddress();
    }

    private void requireOpen() throws SocketException {
        if (state == State.CLOSED) {
            throw new SocketException("Socket closed");
        }
    }

    /** Closes; pending I/O fails. A second time does nothing. */
    synchronized void close() {
        if (state == State.CLOSED) {
            return;
        }
        NetpollConnection under = connection;
        if (under == null) {
            kernel.close(fd);
        } else {
            under.close();
            engine.closed(under);
        }
        end();
    }

    private void end() {
        state = State.CLOSED;
        source.giveBack(engine);
    }
}
