// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.SocketOption;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * Makes outgoing connections: socket(2) and connect(2), and the exceptions that they end in. Go's {@code
 * net.Dialer}. Safe from any thread.
 *
 * <p>A failure's class tells refused ({@link ConnectException}) from timed out ({@link
 * java.net.SocketTimeoutException}, or ConnectException where the kernel gave up) from unreachable ({@link
 * NoRouteToHostException}); its cause is the {@link KernelException} with the errno, its message begins
 * with the JDK's words.
 */
final class Dialer {

    private static final int V4_MAPPED_BYTES = 16;

    /** The wildcard address, of a socket that is dual where IPV6_V6ONLY is off. */
    static final InetAddress ANY_V6 = v6(new byte[V4_MAPPED_BYTES]);

    private final Kernel kernel;
    private final LoopGroup group;
    private final IpStack ipStack;

    Dialer(Kernel kernel, LoopGroup group, IpStack ipStack) {
        this.kernel = kernel;
        this.group = group;
        this.ipStack = ipStack;
    }

    /** A descriptor for {@code remote}'s family. */
    int socket(SocketAddress remote) throws IOException {
        if (!ipStack.hasSocketsFor(remote)) {
            throw new ConnectException("Cannot connect to " + remote + ": " + IpStack.obstacle());
        }
        return checked(kernel.socket(remote));
    }

    /**
     * A descriptor whose peer is not known yet: of IPv6 that reaches IPv4 as well, as the JDK's are, or of
     * IPv4 where the JDK uses that alone. Its addresses go through {@link #onSocket}.
     */
    int socket() throws IOException {
        if (ipStack == IpStack.IPV4) {
            return checked(
                    kernel.socket(new InetSocketAddress(Inet4Address.ofLiteral("0.0.0.0"), 0)));
        }
        int fd = checked(kernel.socket(new InetSocketAddress(ANY_V6, 0)));
        kernel.setOption(fd, SocketOption.IPV6_V6ONLY, 0);
        return fd;
    }

    boolean isDual() {
        return ipStack == IpStack.DUAL;
    }

    /** {@code address} as a descriptor of {@link #socket()} takes it. */
    InetSocketAddress onSocket(InetSocketAddress address) throws SocketException {
        if (!ipStack.hasSocketsFor(address)) {
            throw new SocketException("Cannot use " + address + ": " + IpStack.obstacle());
        }
        return ipStack == IpStack.DUAL && address.getAddress() instanceof Inet4Address v4
                ? new InetSocketAddress(mapped(v4), address.getPort())
                : address;
    }

    /** Starts connect(2), which may go on after this. On failure the descriptor is still the caller's. */
    void start(int fd, SocketAddress remote) throws IOException {
        start(fd, remote, remote);
    }

    /** As {@link #start(int, SocketAddress)}; {@code told} is what messages call the peer. */
    void start(int fd, SocketAddress remote, SocketAddress told) throws IOException {
        int r = kernel.connect(fd, remote);
        // Interrupted by a signal, it goes on by itself: connect(2).
        if (r < 0 && !Errno.EINPROGRESS.is(r) && !Errno.EINTR.is(r)) {
            group.errors().count("connect", r);
            throw failed(told, new KernelException("connect", fd, r));
        }
    }

    /** The exception for a connect(2) that failed, now or in the end. */
    static SocketException failed(SocketAddress remote, KernelException cause) {
        Errno errno = cause.errno();
        SocketException failure =
                switch (errno) {
                    case ECONNREFUSED ->
                            new ConnectException(told("Connection refused", errno, remote));
                    case ETIMEDOUT ->
                            new ConnectException(told("Connection timed out", errno, remote));
                    case EHOSTUNREACH, EHOSTDOWN ->
                            new NoRouteToHostException(told("No route to host", errno, remote));
                    case ENETUNREACH, ENETDOWN, ENONET ->
                            new NoRouteToHostException(
                                    told("Network is unreachable", errno, remote));
                    case EADDRNOTAVAIL, EADDRINUSE ->
                            new BindException(
                                    told("Cannot assign requested address", errno, remote));
                    case null, default ->
                            new ConnectException(
                                    "Cannot connect: " + cause.getMessage() + ": " + remote);
                };
        failure.initCause(cause);
        return failure;
    }

    private static String told(String words, Errno errno, SocketAddress remote) {
        return words + " (" + errno + "): " + remote;
    }

    private static int checked(int result) throws KernelException {
        if (result < 0) {
            throw new KernelException("socket", -1, result);
        }
        return result;
    }

    /** The address as an IPv6 socket knows it: ::ffff:a.b.c.d, RFC 4291, 2.5.5.2. */
    private static InetAddress mapped(Inet4Address v4) {
        byte[] bytes = new byte[V4_MAPPED_BYTES];
        bytes[10] = -1;
        bytes[11] = -1;
        System.arraycopy(v4.getAddress(), 0, bytes, 12, 4);
        return v6(bytes);
    }

    private static InetAddress v6(byte[] bytes) {
        try {
            // InetAddress.getByAddress would make an IPv4 address of a mapped one.
            return Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are always an address", e);
        }
    }
}
