// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Socket addresses in the kernel's layout: sockaddr_in, sockaddr_in6, sockaddr_un (ip(7), ipv6(7),
 * unix(7)).
 */
final class NativeAddress {

    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    static final int MAX_BYTES = 128;

    private static final int UNIX_PATH_MAX = 107;
    private static final int INET_BYTES = 16;

    /** Without the padding at the end. */
    private static final int INET_BYTES_USED = 8;

    private static final int INET6_BYTES = 28;
    private static final byte[] V4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    private static final ValueLayout.OfShort NETWORK_SHORT =
            JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private NativeAddress() {}

    static int family(SocketAddress address) {
        return switch (address) {
            case UnixDomainSocketAddress _ -> AF_UNIX;
            case InetSocketAddress inet when inet.getAddress() instanceof Inet4Address -> AF_INET;
            case InetSocketAddress inet when inet.getAddress() instanceof Inet6Address -> AF_INET6;
            default -> throw unusable(address);
        };
    }

    /** Writes {@code address} to {@code to}; answers its length in bytes. */
    static int write(SocketAddress address, MemorySegment to) {
        to.asSlice(0, MAX_BYTES).fill((byte) 0);
        to.set(JAVA_SHORT_UNALIGNED, 0, (short) family(address));
        if (address instanceof UnixDomainSocketAddress unix) {
            byte[] path = unix.getPath().toString().getBytes(StandardCharsets.UTF_8);
            if (path.length > UNIX_PATH_MAX) {
                throw new IllegalArgumentException(
                        "A Unix domain socket's path is at most "
                                + UNIX_PATH_MAX
                                + " bytes; this has "
                                + path.length
                                + ": "
                                + unix);
            }
            MemorySegment.copy(path, 0, to, JAVA_BYTE, 2, path.length);
            return 2 + path.length + 1;
        }
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            throw unusable(address);
        }
        to.set(NETWORK_SHORT, 2, (short) inet.getPort());
        byte[] bytes = inet.getAddress().getAddress();
        if (inet.getAddress() instanceof Inet6Address v6) {
            MemorySegment.copy(bytes, 0, to, JAVA_BYTE, 8, bytes.length);
            to.set(JAVA_INT_UNALIGNED, 24, v6.getScopeId());
            return INET6_BYTES;
        }
        MemorySegment.copy(bytes, 0, to, JAVA_BYTE, 4, bytes.length);
        return INET_BYTES;
    }

    /** Reads what the kernel wrote; an IPv4-mapped IPv6 address is answered as the IPv4 one. */
    static @Nullable SocketAddress read(MemorySegment from, int length) {
        int family = from.get(JAVA_SHORT_UNALIGNED, 0);
        return switch (family) {
            case AF_INET -> inet(bytes(from, 4, 4), 0, from);
            case AF_INET6 ->
                    inet(unmapped(bytes(from, 8, 16)), from.get(JAVA_INT_UNALIGNED, 24), from);
            case AF_UNIX -> unix(from, length);
            default -> null;
        };
    }

    /** What {@link #read} needs of the {@code length} bytes that the kernel wrote. */
    static byte[] copy(MemorySegment from, int length) {
        boolean inet = from.get(JAVA_SHORT_UNALIGNED, 0) == AF_INET;
        return bytes(from, 0, Math.min(length, inet ? INET_BYTES_USED : MAX_BYTES));
    }

    private static SocketAddress unix(MemorySegment from, int length) {
        int end = 2;
        while (end < length && from.get(JAVA_BYTE, end) != 0) {
            end++;
        }
        String path = new String(bytes(from, 2, end - 2), StandardCharsets.UTF_8);
        return UnixDomainSocketAddress.of(path);
    }

    private static SocketAddress inet(byte[] bytes, int scope, MemorySegment from) {
        try {
            int port = Short.toUnsignedInt(from.get(NETWORK_SHORT, 2));
            InetAddress address =
                    scope == 0 || bytes.length != 16
                            ? InetAddress.getByAddress(bytes)
                            : Inet6Address.getByAddress(null, bytes, scope);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
    }

    private static byte[] unmapped(byte[] v6) {
        for (int i = 0; i < V4_MAPPED.length; i++) {
            if (v6[i] != V4_MAPPED[i]) {
                return v6;
            }
        }
        return java.util.Arrays.copyOfRange(v6, V4_MAPPED.length, v6.length);
    }

    private static byte[] bytes(MemorySegment from, long offset, int count) {
        return from.asSlice(offset, count).toArray(JAVA_BYTE);
    }

    private static IllegalArgumentException unusable(SocketAddress address) {
        return new IllegalArgumentException(
                "Neither a resolved internet address nor a Unix domain socket address: " + address);
    }
}
