// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.SocketAddress;

/**
 * The system calls of a socket's life: made, bound, connected, accepted, shut down, its options and
 * addresses. Each uses the given scratch until it returns; they answer as {@link Kernel} says.
 */
final class SocketCalls {

    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int FIONREAD = 0x541B;
    private static final int SHUT_RD = 0;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_LINGER = 13;

    private SocketCalls() {}

    static int socket(Scratch s, SocketAddress address) {
        try {
            int family = NativeAddress.family(address);
            int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
            int r = (int) Libc.SOCKET.invokeExact(s.errno, family, type, 0);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int bind(Scratch s, int fd, SocketAddress address) {
        return withAddress(s, Libc.BIND, fd, address);
    }

    static int connect(Scratch s, int fd, SocketAddress address) {
        return withAddress(s, Libc.CONNECT, fd, address);
    }

    private static int withAddress(Scratch s, MethodHandle call, int fd, SocketAddress address) {
        try {
            MemorySegment native_ = s.area.asSlice(Scratch.ADDRESS_AT, NativeAddress.MAX_BYTES);
            int length = NativeAddress.write(address, native_);
            int r = (int) call.invokeExact(s.errno, fd, native_, length);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int listen(Scratch s, int fd, int backlog) {
        return Libc.call(s, Libc.LISTEN, fd, backlog);
    }

    static int accept(Scratch s, int fd, PeerAddress peer) {
        try {
            MemorySegment to = s.area.asSlice(Scratch.ADDRESS_AT, NativeAddress.MAX_BYTES);
            MemorySegment length = s.area.asSlice(Scratch.LENGTH_AT, 4);
            length.set(JAVA_INT, 0, NativeAddress.MAX_BYTES);
            int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
            int r = (int) Libc.ACCEPT4.invokeExact(s.errno, fd, to, length, flags);
            if (r >= 0) {
                tellPeer(s, r, peer, to, length.get(JAVA_INT, 0));
            }
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int available(Scratch s, int fd) {
        try {
            MemorySegment bytes = s.area.asSlice(Scratch.VALUE_AT, 4);
            int r = (int) Libc.IOCTL.invokeExact(s.errno, fd, (long) FIONREAD, bytes);
            return r < 0 ? -s.errno() : bytes.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int shutdownRead(Scratch s, int fd) {
        return Libc.call(s, Libc.SHUTDOWN, fd, SHUT_RD);
    }

    /** Nobody but this call knows the new descriptor: without memory for its peer it is closed. */
    private static void tellPeer(
            Scratch s, int fd, PeerAddress peer, MemorySegment from, int length) {
        try {
            peer.fill(from, length);
        } catch (OutOfMemoryError e) {
            closeSurely(s, fd);
            throw e;
        }
    }

    private static void closeSurely(Scratch s, int fd) {
        while (true) {
            try {
                close(s, fd);
                return;
            } catch (OutOfMemoryError e) {
                Thread.onSpinWait(); // the call was not made, and no other thread would make it
            }
        }
    }

    static int shutdownWrite(Scratch s, int fd) {
        return Libc.call(s, Libc.SHUTDOWN, fd, SHUT_WR);
    }

    static int shutdownBoth(Scratch s, int fd) {
        return Libc.call(s, Libc.SHUTDOWN, fd, SHUT_RDWR);
    }

    static int close(Scratch s, int fd) {
        try {
            int r = (int) Libc.CLOSE.invokeExact(s.errno, fd);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int setOption(Scratch s, int fd, SocketOption option, int value) {
        s.area.set(JAVA_INT, Scratch.VALUE_AT, value);
        return setOption(s, fd, option.level(), option.number(), 4);
    }

    static int setLinger(Scratch s, int fd, int seconds) {
        s.area.set(JAVA_INT, Scratch.VALUE_AT, seconds >= 0 ? 1 : 0);
        s.area.set(JAVA_INT, Scratch.VALUE_AT + 4, Math.max(seconds, 0));
        return setOption(s, fd, SOL_SOCKET, SO_LINGER, 8);
    }

    private static int setOption(Scratch s, int fd, int level, int name, int bytes) {
        try {
            MemorySegment value = s.area.asSlice(Scratch.VALUE_AT, bytes);
            int r = (int) Libc.SETSOCKOPT.invokeExact(s.errno, fd, level, name, value, bytes);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int option(Scratch s, int fd, SocketOption option) {
        return option(s, fd, option.level(), option.number());
    }

    static int pendingError(Scratch s, int fd) {
        int r = option(s, fd, SOL_SOCKET, SO_ERROR);
        return r > 0 ? -r : r;
    }

    private static int option(Scratch s, int fd, int level, int name) {
        try {
            s.area.set(JAVA_INT, Scratch.LENGTH_AT, 4);
            MemorySegment value = s.area.asSlice(Scratch.VALUE_AT, 4);
            MemorySegment length = s.area.asSlice(Scratch.LENGTH_AT, 4);
            int r = (int) Libc.GETSOCKOPT.invokeExact(s.errno, fd, level, name, value, length);
            return r < 0 ? -s.errno() : value.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static @Nullable SocketAddress localAddress(Scratch s, int fd) {
        return address(s, Libc.GETSOCKNAME, fd);
    }

    static @Nullable SocketAddress remoteAddress(Scratch s, int fd) {
        return address(s, Libc.GETPEERNAME, fd);
    }

    private static @Nullable SocketAddress address(Scratch s, MethodHandle call, int fd) {
        try {
            MemorySegment to = s.area.asSlice(Scratch.ADDRESS_AT, NativeAddress.MAX_BYTES);
            MemorySegment length = s.area.asSlice(Scratch.LENGTH_AT, 4);
            length.set(JAVA_INT, 0, NativeAddress.MAX_BYTES);
            int r = (int) call.invokeExact(s.errno, fd, to, length);
            return r < 0 ? null : NativeAddress.read(to, length.get(JAVA_INT, 0));
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }
}
