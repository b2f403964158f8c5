// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.KernelException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;

/**
 * A client socket on an engine's loops, as {@link java.net.Socket} wants it: what its streams wait for, a
 * loop polls, and a virtual thread that waits is parked. The contract is that of the JDK's own sockets, of
 * which {@code OutboundSocketContract} holds every part against both; two things differ:
 *
 * <ul>
 *   <li>Urgent data is refused: the poller would take a mark in the stream for its end.
 *   <li>A failure's cause is a {@link KernelException} with the errno.
 * </ul>
 *
 * <p>An interrupt of a virtual thread closes the socket, as java.net.Socket documents; that of a platform
 * thread stays pending until its wait ends. Safe from any thread.
 */
final class OutboundSocketImpl extends SocketImpl {

    private static final Cleaner CLEANER = Cleaner.create();

    private final EngineSource engines;

    /** What a created socket is made of. */
    private record Parts(
            OutboundFd descriptor,
            OutboundOptions options,
            OutboundInput input,
            OutboundOutput output) {}

    /** Written by create, once, before any other use. */
    private volatile @Nullable Parts parts;

    OutboundSocketImpl(EngineSource engines) {
        this.engines = engines;
    }

    // ---- connecting -----------------------------------------------------------------------------

    @Override
    protected void create(boolean stream) throws IOException {
        if (!stream) {
            throw new IOException("Datagram socket creation not supported");
        }
        OutboundFd opened = OutboundFd.open(engines);
        CLEANER.register(this, opened::close);
        parts =
                new Parts(
                        opened,
                        new OutboundOptions(opened),
                        new OutboundInput(opened.engine(), opened),
                        new OutboundOutput(opened));
    }

    private Parts parts() throws SocketException {
        Parts made = parts;
        if (made == null) {
            throw new SocketException("Socket not created");
        }
        return made;
    }

    @Override
    protected void bind(InetAddress host, int boundPort) throws IOException {
        parts().descriptor().bind(new InetSocketAddress(host, boundPort));
        address = host;
        localport = localPort();
    }

    private int localPort() throws SocketException {
        return parts().descriptor().localAddress() instanceof InetSocketAddress inet
                ? inet.getPort()
                : 0;
    }

    @Override
    protected void connect(String host, int remotePort) throws IOException {
        connect(new InetSocketAddress(host, remotePort), 0);
    }

    @Override
    protected void connect(InetAddress remote, int remotePort) throws IOException {
        connect(new InetSocketAddress(remote, remotePort), 0);
    }

    @Override
    protected void connect(SocketAddress remote, int millis) throws IOException {
        if (!(remote instanceof InetSocketAddress inet)) {
            throw new IOException("Unsupported address type");
        }
        try {
            InetAddress to = inet.getAddress();
            if (to == null) {
                throw new UnknownHostException(inet.getHostName());
            }
            InetAddress reachable = to.isAnyLocalAddress() ? InetAddress.getLocalHost() : to;
            connectNow(new InetSocketAddress(reachable, inet.getPort()), millis);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void connectNow(InetSocketAddress remote, int millis) throws IOException {
        address = remote.getAddress();
        port = remote.getPort();
        OutboundFd descriptor = parts().descriptor();
        NetpollConnection connection = descriptor.connect(remote);
        if (millis > 0) {
            Duration atMost = Duration.ofMillis(millis);
            connection.setWriteDeadline(descriptor.engine().deadlineAfter(atMost));
        }
        try {
            awaitConnected(connection);
        } catch (KernelException e) {
            throw Dialer.failed(remote, e);
        }
        connection.setWriteDeadline(NetpollConnection.NO_DEADLINE);
        if (!descriptor.connected()) {
            throw new SocketException("Socket closed");
        }
        localport = localPort();
    }

    private static void awaitConnected(NetpollConnection connection) throws IOException {
        OutboundWait writable = connection::awaitWritable;
        try {
            writable.untilReady("Connect");
            connection.polled().finishConnect();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (InterruptedIOException e) {
            throw new SocketException("Closed by interrupt", e);
        } catch (ClosingException e) {
            throw OutboundWait.closed(e);
        }
    }

    // ---- streams --------------------------------------------------------------------------------

    @Override
    protected InputStream getInputStream() throws SocketException {
        return parts().input();
    }

    @Override
    protected OutputStream getOutputStream() throws SocketException {
        return parts().output();
    }

    @Override
    protected int available() throws IOException {
        return parts().input().available();
    }

    // ---- ending ---------------------------------------------------------------------------------

    @Override
    protected void shutdownInput() throws IOException {
        parts().input().shutDown();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        parts().output().shutDown();
    }

    @Override
    protected void close() {
        Parts made = parts;
        if (made != null) {
            made.descriptor().close();
        }
    }

    @Override
    protected boolean supportsUrgentData() {
        return false;
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data not supported");
    }

    // ---- what only servers do -------------------------------------------------------------------

    @Override
    protected void listen(int backlog) throws IOException {
        throw new SocketException("A client socket does not listen");
    }

    @Override
    protected void accept(SocketImpl s) throws IOException {
        throw new SocketException("A client socket does not accept");
    }

    // ---- options --------------------------------------------------------------------------------

    @Override
    protected Set<java.net.SocketOption<?>> supportedOptions() {
        return OutboundOptions.SUPPORTED;
    }

    @Override
    protected <T> void setOption(java.net.SocketOption<T> option, T value) throws IOException {
        parts().options().set(option, value);
    }

    @Override
    @SuppressWarnings("unchecked") // the value is of the option's type
    protected <T> T getOption(java.net.SocketOption<T> option) throws IOException {
        return (T) parts().options().get(option);
    }

    @Override
    public void setOption(int number, Object value) throws SocketException {
        if (number != SocketOptions.SO_TIMEOUT) {
            parts().options().set(number, value);
        } else if (parts().descriptor().isClosed()) {
            throw new SocketException("Socket closed");
        } else if (value instanceof Integer millis && millis >= 0) {
            parts().input().timeout(millis);
        } else {
            throw new IllegalArgumentException("Invalid SO_TIMEOUT '" + value + "'");
        }
    }

    @Override
    public Object getOption(int number) throws SocketException {
        if (number == SocketOptions.SO_BINDADDR) {
            return parts().descriptor().localAddress() instanceof InetSocketAddress inet
                    ? inet.getAddress()
                    : InetAddress.getLoopbackAddress();
        }
        return number == SocketOptions.SO_TIMEOUT
                ? parts().input().timeout()
                : parts().options().get(number);
    }
}
