// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.SocketOption;

import jdk.net.ExtendedSocketOptions;

import org.jspecify.annotations.Nullable;

import java.net.SocketException;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The options of {@link java.net.Socket} on an {@link OutboundFd}: those of {@link StandardSocketOptions},
 * Linux's of {@link ExtendedSocketOptions}, and the numbers of {@link SocketOptions}, with the values and
 * the errors of the JDK's own sockets.
 */
final class OutboundOptions {

    /** What the kernel knows as one int. */
    private static final Map<java.net.SocketOption<?>, SocketOption> INTS =
            Map.ofEntries(
                    Map.entry(StandardSocketOptions.SO_RCVBUF, SocketOption.SO_RCVBUF),
                    Map.entry(StandardSocketOptions.SO_SNDBUF, SocketOption.SO_SNDBUF),
                    Map.entry(StandardSocketOptions.SO_REUSEADDR, SocketOption.SO_REUSEADDR),
                    Map.entry(StandardSocketOptions.SO_REUSEPORT, SocketOption.SO_REUSEPORT),
                    Map.entry(StandardSocketOptions.SO_KEEPALIVE, SocketOption.SO_KEEPALIVE),
                    Map.entry(StandardSocketOptions.TCP_NODELAY, SocketOption.TCP_NODELAY),
                    Map.entry(StandardSocketOptions.IP_TOS, SocketOption.IP_TOS),
                    Map.entry(ExtendedSocketOptions.TCP_KEEPIDLE, SocketOption.TCP_KEEPIDLE),
                    Map.entry(ExtendedSocketOptions.TCP_KEEPINTERVAL, SocketOption.TCP_KEEPINTVL),
                    Map.entry(ExtendedSocketOptions.TCP_KEEPCOUNT, SocketOption.TCP_KEEPCNT),
                    Map.entry(ExtendedSocketOptions.TCP_QUICKACK, SocketOption.TCP_QUICKACK));

    /** SO_LINGER among them, which is a structure to the kernel. */
    static final Set<java.net.SocketOption<?>> SUPPORTED = supported();

    private final OutboundFd fd;

    /** Seconds, -1 for off. Any thread. */
    private volatile int linger = -1;

    OutboundOptions(OutboundFd fd) {
        this.fd = fd;
    }

    private static Set<java.net.SocketOption<?>> supported() {
        Set<java.net.SocketOption<?>> all = new HashSet<>(INTS.keySet());
        all.add(StandardSocketOptions.SO_LINGER);
        return Set.copyOf(all);
    }

    <T> void set(java.net.SocketOption<T> option, @Nullable T value) throws SocketException {
        if (!SUPPORTED.contains(option)) {
            throw new UnsupportedOperationException("'" + option + "' not supported");
        }
        if (value instanceof Boolean on) {
            put(option, on ? 1 : 0);
        } else if (value instanceof Integer number) {
            put(option, number);
        } else {
            throw new IllegalArgumentException("Invalid value '" + value + "'");
        }
    }

    private void put(java.net.SocketOption<?> option, int value) throws SocketException {
        SocketOption known = INTS.get(option);
        if (known == null) {
            linger = Math.clamp(value, -1, 65_535);
            fd.setLinger(linger);
            return;
        }
        boolean size = known == SocketOption.SO_RCVBUF || known == SocketOption.SO_SNDBUF;
        if (value < 0 || size && value == 0) {
            throw new IllegalArgumentException("Invalid value '" + value + "' for " + option);
        }
        if (known == SocketOption.IP_TOS) {
            fd.setTrafficClass(value);
        } else {
            fd.setOption(known, value);
        }
    }

    Object get(java.net.SocketOption<?> option) throws SocketException {
        if (!SUPPORTED.contains(option)) {
            throw new UnsupportedOperationException("'" + option + "' not supported");
        }
        SocketOption known = INTS.get(option);
        if (known == null) {
            return fd.isClosed() ? closed() : Integer.valueOf(linger);
        }
        int value = fd.option(known);
        if (option.type() == Boolean.class) {
            return value != 0;
        }
        // The kernel doubles these for its own use, and answers the double: socket(7).
        boolean doubled = known == SocketOption.SO_RCVBUF || known == SocketOption.SO_SNDBUF;
        return doubled ? value / 2 : value;
    }

    private static Object closed() throws SocketException {
        throw new SocketException("Socket closed");
    }

    /** Sets an option by its number in {@link SocketOptions}. */
    void set(int number, @Nullable Object value) throws SocketException {
        if (number == SocketOptions.SO_OOBINLINE) {
            fd.setOption(SocketOption.SO_OOBINLINE, Boolean.TRUE.equals(value) ? 1 : 0);
            return;
        }
        java.net.SocketOption<?> option = named(number);
        boolean off = option == StandardSocketOptions.SO_LINGER && Boolean.FALSE.equals(value);
        Object wanted = off ? Integer.valueOf(-1) : value;
        if (!option.type().isInstance(wanted)) {
            throw new SocketException("Bad value for " + option);
        }
        try {
            put(option, wanted instanceof Boolean on ? (on ? 1 : 0) : (Integer) wanted);
        } catch (IllegalArgumentException e) {
            throw new SocketException(e.getMessage(), e);
        }
    }

    /** An option's value by its number in {@link SocketOptions}. */
    Object get(int number) throws SocketException {
        if (number == SocketOptions.SO_OOBINLINE) {
            return fd.option(SocketOption.SO_OOBINLINE) != 0;
        }
        Object value = get(named(number));
        return number == SocketOptions.SO_LINGER && value.equals(-1) ? Boolean.FALSE : value;
    }

    private static java.net.SocketOption<?> named(int number) throws SocketException {
        return switch (number) {
            case SocketOptions.SO_LINGER -> StandardSocketOptions.SO_LINGER;
            case SocketOptions.IP_TOS -> StandardSocketOptions.IP_TOS;
            case SocketOptions.TCP_NODELAY -> StandardSocketOptions.TCP_NODELAY;
            case SocketOptions.SO_SNDBUF -> StandardSocketOptions.SO_SNDBUF;
            case SocketOptions.SO_RCVBUF -> StandardSocketOptions.SO_RCVBUF;
            case SocketOptions.SO_KEEPALIVE -> StandardSocketOptions.SO_KEEPALIVE;
            case SocketOptions.SO_REUSEADDR -> StandardSocketOptions.SO_REUSEADDR;
            case SocketOptions.SO_REUSEPORT -> StandardSocketOptions.SO_REUSEPORT;
            default -> throw new SocketException("Unknown option " + number);
        };
    }
}
