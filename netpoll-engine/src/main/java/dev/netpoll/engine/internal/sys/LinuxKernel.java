package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Linux, through the C library. Safe from any thread. */
public final class LinuxKernel implements Kernel {

    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int SHUT_WR = 1;
    private static final int SHUT_RDWR = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_LINGER = 13;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    // Offsets into Scratch.area. Address and its length sit apart from option values and vectors.
    private static final int ADDRESS_AT = 0;
    private static final int LENGTH_AT = 128;
    private static final int VALUE_AT = 136;
    private static final int MSGHDR_AT = 160;
    private static final int MSGHDR_BYTES = 56;
    private static final int IOVEC_AT = 224;
    private static final int IOVEC_MAX = 16;

    private final ScratchSource scratches;

    public LinuxKernel(ScratchSource scratches) {
        this.scratches = scratches;
    }

    @Override
    public int socket(SocketAddress address) {
        return ints3(
                Libc.SOCKET,
                NativeAddress.family(address),
                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                0);
    }

    @Override
    public int bind(int fd, SocketAddress address) {
        return withAddress(Libc.BIND, fd, address);
    }

    @Override
    public int connect(int fd, SocketAddress address) {
        return withAddress(Libc.CONNECT, fd, address);
    }

    @Override
    public int listen(int fd, int backlog) {
        return ints2(Libc.LISTEN, fd, backlog);
    }

    @Override
    public int accept(int fd, PeerAddress peer) {
        Scratch s = scratches.acquire();
        try {
            MemorySegment to = s.area.asSlice(ADDRESS_AT, NativeAddress.MAX_BYTES);
            MemorySegment length = s.area.asSlice(LENGTH_AT, 4);
            length.set(JAVA_INT, 0, NativeAddress.MAX_BYTES);
            int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
            int r = (int) Libc.ACCEPT4.invokeExact(s.errno, fd, to, length, flags);
            if (r >= 0) {
                peer.fill(to, length.get(JAVA_INT, 0));
            }
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int shutdownWrite(int fd) {
        return ints2(Libc.SHUTDOWN, fd, SHUT_WR);
    }

    @Override
    public int shutdownBoth(int fd) {
        return ints2(Libc.SHUTDOWN, fd, SHUT_RDWR);
    }

    @Override
    public int close(int fd) {
        Scratch s = scratches.acquire();
        try {
            int r = (int) Libc.CLOSE.invokeExact(s.errno, fd);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int receive(int fd, byte[] dst, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            int n = receive(s, fd, s.io, Math.min(len, MAX_TRANSFER));
            if (n > 0) {
                MemorySegment.copy(s.io, JAVA_BYTE, 0, dst, off, n);
            }
            return n;
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int receive(int fd, ByteBuffer dst) {
        int n;
        if (dst.hasArray()) {
            n = receive(fd, dst.array(), dst.arrayOffset() + dst.position(), dst.remaining());
        } else {
            Scratch s = scratches.acquire();
            try {
                n = receive(s, fd, MemorySegment.ofBuffer(dst), dst.remaining());
            } finally {
                scratches.release(s);
            }
        }
        if (n > 0) {
            dst.position(dst.position() + n);
        }
        return n;
    }

    @Override
    public int send(int fd, byte[] src, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            int piece = Math.min(len, MAX_TRANSFER);
            MemorySegment.copy(src, off, s.io, JAVA_BYTE, 0, piece);
            return send(s, fd, s.io, piece);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int send(int fd, ByteBuffer src) {
        int n;
        if (src.hasArray()) {
            n = send(fd, src.array(), src.arrayOffset() + src.position(), src.remaining());
        } else {
            Scratch s = scratches.acquire();
            try {
                n = sendSegment(s, fd, src);
            } finally {
                scratches.release(s);
            }
        }
        if (n > 0) {
            src.position(src.position() + n);
        }
        return n;
    }

    private static int sendSegment(Scratch s, int fd, ByteBuffer src) {
        MemorySegment bytes = MemorySegment.ofBuffer(src);
        if (src.isDirect()) {
            return send(s, fd, bytes, src.remaining());
        }
        // On the heap and read-only: its array is nobody's to see.
        int piece = Math.min(src.remaining(), MAX_TRANSFER);
        MemorySegment.copy(bytes, 0, s.io, 0, piece);
        return send(s, fd, s.io, piece);
    }

    @Override
    public long sendVectored(int fd, ByteBuffer[] srcs, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            int vectors = fillVectors(s, srcs, off, Math.min(len, IOVEC_MAX));
            MemorySegment header = s.area.asSlice(MSGHDR_AT, MSGHDR_BYTES);
            header.fill((byte) 0);
            header.set(ADDRESS, 16, s.area.asSlice(IOVEC_AT));
            header.set(JAVA_LONG, 24, vectors);
            long r = (long) Libc.SENDMSG.invokeExact(s.errno, fd, header, MSG_NOSIGNAL);
            if (r < 0) {
                return -errno(s);
            }
            advance(srcs, off, r);
            return r;
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    /** Heap bytes are gathered in the io buffer: as many buffers as fit, and no more. */
    private static int fillVectors(Scratch s, ByteBuffer[] srcs, int off, int len) {
        int filled = 0;
        long used = 0;
        for (int i = off; i < off + len; i++) {
            ByteBuffer src = srcs[i];
            int n = src.remaining();
            MemorySegment piece;
            if (src.isDirect()) {
                piece = MemorySegment.ofBuffer(src);
            } else {
                n = (int) Math.min(n, MAX_TRANSFER - used);
                piece = s.io.asSlice(used, n);
                MemorySegment.copy(MemorySegment.ofBuffer(src), 0, piece, 0, n);
                used += n;
            }
            s.area.set(ADDRESS, IOVEC_AT + filled * 16L, piece);
            s.area.set(JAVA_LONG, IOVEC_AT + filled * 16L + 8, n);
            filled++;
            if (n < src.remaining()) {
                break;
            }
        }
        return filled;
    }

    private static void advance(ByteBuffer[] srcs, int off, long sent) {
        long left = sent;
        for (int i = off; left > 0; i++) {
            int n = (int) Math.min(left, srcs[i].remaining());
            srcs[i].position(srcs[i].position() + n);
            left -= n;
        }
    }

    @Override
    public int openFile(String path) {
        Scratch s = scratches.acquire();
        try {
            s.io.setString(0, path);
            int r = (int) Libc.OPEN.invokeExact(s.errno, s.io, O_RDONLY_CLOEXEC);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public long sendFile(int fd, int fileFd, long position, long count) {
        Scratch s = scratches.acquire();
        try {
            s.area.set(JAVA_LONG, VALUE_AT, position);
            MemorySegment offset = s.area.asSlice(VALUE_AT, 8);
            long r = (long) Libc.SENDFILE.invokeExact(s.errno, fd, fileFd, offset, count);
            return r < 0 ? -errno(s) : r;
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int unlink(String path) {
        Scratch s = scratches.acquire();
        try {
            s.io.setString(0, path);
            int r = (int) Libc.UNLINK.invokeExact(s.errno, s.io);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int setOption(int fd, SocketOption option, int value) {
        Scratch s = scratches.acquire();
        try {
            s.area.set(JAVA_INT, VALUE_AT, value);
            return setOption(s, fd, option.level(), option.number(), 4);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int setLinger(int fd, int seconds) {
        Scratch s = scratches.acquire();
        try {
            s.area.set(JAVA_INT, VALUE_AT, seconds >= 0 ? 1 : 0);
            s.area.set(JAVA_INT, VALUE_AT + 4, Math.max(seconds, 0));
            return setOption(s, fd, SOL_SOCKET, SO_LINGER, 8);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int option(int fd, SocketOption option) {
        return getOption(fd, option.level(), option.number());
    }

    @Override
    public int pendingError(int fd) {
        int r = getOption(fd, SOL_SOCKET, SO_ERROR);
        return r > 0 ? -r : r;
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) {
        return address(Libc.GETSOCKNAME, fd);
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) {
        return address(Libc.GETPEERNAME, fd);
    }

    @Override
    public int epollCreate() {
        Scratch s = scratches.acquire();
        try {
            int r = (int) Libc.EPOLL_CREATE1.invokeExact(s.errno, EPOLL_CLOEXEC);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollAdd(int epfd, int fd, long data) {
        int mask = EpollMask.IN | EpollMask.OUT | EpollMask.PRI | EpollMask.RDHUP | EpollMask.ET;
        return epollAdd(epfd, fd, mask, data);
    }

    @Override
    public int epollAddReadable(int epfd, int fd, long data) {
        return epollAdd(epfd, fd, EpollMask.IN | EpollMask.ET, data);
    }

    private int epollAdd(int epfd, int fd, int mask, long data) {
        Scratch s = scratches.acquire();
        try {
            NativeEpollEvents.write(s.area, VALUE_AT, mask, data);
            MemorySegment event = s.area.asSlice(VALUE_AT, NativeEpollEvents.RECORD_BYTES);
            int r = (int) Libc.EPOLL_CTL.invokeExact(s.errno, epfd, EPOLL_CTL_ADD, fd, event);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollWait(int epfd, EpollEvents events, long timeoutNanos) {
        NativeEpollEvents to = (NativeEpollEvents) events;
        try {
            MethodHandle precise = Libc.EPOLL_PWAIT2;
            int r;
            if (timeoutNanos == 0 || precise == null) {
                int timeout = timeoutNanos < 0 ? -1 : millis(timeoutNanos);
                r =
                        (int)
                                Libc.EPOLL_WAIT.invokeExact(
                                        to.errno, epfd, to.records, to.capacity, timeout);
            } else {
                MemorySegment timeout =
                        timeoutNanos < 0
                                ? MemorySegment.NULL
                                : to.timeout(timeoutNanos / SECOND, timeoutNanos % SECOND);
                r =
                        (int)
                                precise.invokeExact(
                                        to.errno,
                                        epfd,
                                        to.records,
                                        to.capacity,
                                        timeout,
                                        MemorySegment.NULL);
            }
            return r < 0 ? -to.errno.get(JAVA_INT, 0) : r;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** Rounded up: a poll that ends before its first timer is due would only begin again. */
    private static int millis(long nanos) {
        long whole = nanos / MILLI;
        return (int) Math.min(whole * MILLI < nanos ? whole + 1 : whole, Integer.MAX_VALUE);
    }

    @Override
    public EpollEvents newEvents(int capacity) {
        return new NativeEpollEvents(capacity);
    }

    @Override
    public int eventFd() {
        return ints2(Libc.EVENTFD, 0, EFD_NONBLOCK_CLOEXEC);
    }

    @Override
    public int eventFdSignal(int fd) {
        Scratch s = scratches.acquire();
        try {
            s.area.set(JAVA_LONG, VALUE_AT, 1);
            MemorySegment one = s.area.asSlice(VALUE_AT, 8);
            long r = (long) Libc.WRITE.invokeExact(s.errno, fd, one, 8L);
            return r < 0 ? -errno(s) : (int) r;
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private static int receive(Scratch s, int fd, MemorySegment to, long len) {
        try {
            long r = (long) Libc.RECV.invokeExact(s.errno, fd, to, len, 0);
            return r < 0 ? -errno(s) : (int) r;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private static int send(Scratch s, int fd, MemorySegment from, long len) {
        try {
            long r = (long) Libc.SEND.invokeExact(s.errno, fd, from, len, MSG_NOSIGNAL);
            return r < 0 ? -errno(s) : (int) r;
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private static int setOption(Scratch s, int fd, int level, int name, int bytes) {
        try {
            MemorySegment value = s.area.asSlice(VALUE_AT, bytes);
            int r = (int) Libc.SETSOCKOPT.invokeExact(s.errno, fd, level, name, value, bytes);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    private int getOption(int fd, int level, int name) {
        Scratch s = scratches.acquire();
        try {
            s.area.set(JAVA_INT, LENGTH_AT, 4);
            MemorySegment value = s.area.asSlice(VALUE_AT, 4);
            MemorySegment length = s.area.asSlice(LENGTH_AT, 4);
            int r = (int) Libc.GETSOCKOPT.invokeExact(s.errno, fd, level, name, value, length);
            return r < 0 ? -errno(s) : value.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private @Nullable SocketAddress address(MethodHandle call, int fd) {
        Scratch s = scratches.acquire();
        try {
            MemorySegment to = s.area.asSlice(ADDRESS_AT, NativeAddress.MAX_BYTES);
            MemorySegment length = s.area.asSlice(LENGTH_AT, 4);
            length.set(JAVA_INT, 0, NativeAddress.MAX_BYTES);
            int r = (int) call.invokeExact(s.errno, fd, to, length);
            return r < 0 ? null : NativeAddress.read(to, length.get(JAVA_INT, 0));
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private int withAddress(MethodHandle call, int fd, SocketAddress address) {
        Scratch s = scratches.acquire();
        try {
            MemorySegment native_ = s.area.asSlice(ADDRESS_AT, NativeAddress.MAX_BYTES);
            int length = NativeAddress.write(address, native_);
            int r = (int) call.invokeExact(s.errno, fd, native_, length);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private int ints2(MethodHandle call, int a, int b) {
        Scratch s = scratches.acquire();
        try {
            int r = (int) call.invokeExact(s.errno, a, b);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private int ints3(MethodHandle call, int a, int b, int c) {
        Scratch s = scratches.acquire();
        try {
            int r = (int) call.invokeExact(s.errno, a, b, c);
            return result(s, r);
        } catch (Throwable t) {
            throw broken(t);
        } finally {
            scratches.release(s);
        }
    }

    private static int result(Scratch s, int r) {
        return r < 0 ? -errno(s) : r;
    }

    private static int errno(Scratch s) {
        return s.errno.get(JAVA_INT, 0);
    }

    /** A down-call throws nothing of its own: what arrives here is a bug, or the JVM dying. */
    private static RuntimeException broken(Throwable t) {
        return switch (t) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException("A system call could not be made", t);
        };
    }
}
