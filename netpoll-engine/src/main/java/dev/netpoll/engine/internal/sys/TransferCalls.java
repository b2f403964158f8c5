// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The system calls that move bytes: recv, send, sendmsg, sendfile. Bytes of the Java heap pass through
 * the scratch's io buffer. Each uses the given scratch until it returns; they answer as {@link Kernel}
 * says.
 */
final class TransferCalls {

    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSGHDR_BYTES = 56;
    private static final int IOVEC_MAX = 16;

    private TransferCalls() {}

    static int receive(Scratch s, int fd, byte[] dst, int off, int len) {
        int n = receive(s, fd, s.io, Math.min(len, Kernel.MAX_TRANSFER));
        if (n > 0) {
            MemorySegment.copy(s.io, JAVA_BYTE, 0, dst, off, n);
        }
        return n;
    }

    static int receive(Scratch s, int fd, ByteBuffer dst) {
        int n =
                dst.hasArray()
                        ? receive(
                                s,
                                fd,
                                dst.array(),
                                dst.arrayOffset() + dst.position(),
                                dst.remaining())
                        : receive(s, fd, MemorySegment.ofBuffer(dst), dst.remaining());
        if (n > 0) {
            dst.position(dst.position() + n);
        }
        return n;
    }

    private static int receive(Scratch s, int fd, MemorySegment to, long len) {
        try {
            long r = (long) Libc.RECV.invokeExact(s.errno, fd, to, len, 0);
            return r < 0 ? -s.errno() : (int) r;
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int send(Scratch s, int fd, byte[] src, int off, int len) {
        int piece = Math.min(len, Kernel.MAX_TRANSFER);
        MemorySegment.copy(src, off, s.io, JAVA_BYTE, 0, piece);
        return send(s, fd, s.io, piece);
    }

    static int send(Scratch s, int fd, ByteBuffer src) {
        int n =
                src.hasArray()
                        ? send(
                                s,
                                fd,
                                src.array(),
                                src.arrayOffset() + src.position(),
                                src.remaining())
                        : sendSegment(s, fd, src);
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
        // On the heap and read-only: its array cannot be asked for.
        int piece = Math.min(src.remaining(), Kernel.MAX_TRANSFER);
        MemorySegment.copy(bytes, 0, s.io, 0, piece);
        return send(s, fd, s.io, piece);
    }

    private static int send(Scratch s, int fd, MemorySegment from, long len) {
        try {
            long r = (long) Libc.SEND.invokeExact(s.errno, fd, from, len, MSG_NOSIGNAL);
            return r < 0 ? -s.errno() : (int) r;
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static long sendVectored(Scratch s, int fd, ByteBuffer[] srcs, int off, int len) {
        try {
            int vectors = fillVectors(s, srcs, off, Math.min(len, IOVEC_MAX));
            MemorySegment header = s.area.asSlice(Scratch.MSGHDR_AT, MSGHDR_BYTES);
            header.fill((byte) 0);
            header.set(ADDRESS, 16, s.area.asSlice(Scratch.IOVEC_AT));
            header.set(JAVA_LONG, 24, vectors);
            long r = (long) Libc.SENDMSG.invokeExact(s.errno, fd, header, MSG_NOSIGNAL);
            if (r < 0) {
                return -s.errno();
            }
            advance(srcs, off, r);
            return r;
        } catch (Throwable t) {
            throw Libc.broken(t);
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
                n = (int) Math.min(n, Kernel.MAX_TRANSFER - used);
                piece = s.io.asSlice(used, n);
                MemorySegment.copy(MemorySegment.ofBuffer(src), 0, piece, 0, n);
                used += n;
            }
            s.area.set(ADDRESS, Scratch.IOVEC_AT + filled * 16L, piece);
            s.area.set(JAVA_LONG, Scratch.IOVEC_AT + filled * 16L + 8, n);
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

    static long sendFile(Scratch s, int fd, int fileFd, long position, long count) {
        try {
            s.area.set(JAVA_LONG, Scratch.VALUE_AT, position);
            MemorySegment offset = s.area.asSlice(Scratch.VALUE_AT, 8);
            long r = (long) Libc.SENDFILE.invokeExact(s.errno, fd, fileFd, offset, count);
            return r < 0 ? -s.errno() : r;
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }
}
