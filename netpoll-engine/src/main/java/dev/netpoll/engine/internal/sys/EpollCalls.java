// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of a poller: epoll, and the eventfd that wakes it. {@link #await} blocks its thread
 * and uses the memory of the events it fills; the others use the given scratch until they return. They
 * answer as {@link Kernel} says.
 */
final class EpollCalls {

    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;
    private static final short POLLIN = 1;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private EpollCalls() {}

    static int create(Scratch s) {
        try {
            int r = (int) Libc.EPOLL_CREATE1.invokeExact(s.errno, EPOLL_CLOEXEC);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int add(Scratch s, int epfd, int fd, int mask, long data) {
        try {
            NativeEpollEvents.write(s.area, Scratch.VALUE_AT, mask, data);
            MemorySegment event = s.area.asSlice(Scratch.VALUE_AT, NativeEpollEvents.RECORD_BYTES);
            int r = (int) Libc.EPOLL_CTL.invokeExact(s.errno, epfd, EPOLL_CTL_ADD, fd, event);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int await(int epfd, NativeEpollEvents to, long timeoutNanos) {
        MethodHandle precise = Libc.EPOLL_PWAIT2;
        int r =
                timeoutNanos == 0 || precise == null
                        ? awaitMillis(epfd, to, timeoutNanos)
                        : awaitNanos(precise, epfd, to, timeoutNanos);
        return r < 0 ? -to.errno.get(JAVA_INT, 0) : r;
    }

    private static int awaitMillis(int epfd, NativeEpollEvents to, long timeoutNanos) {
        int timeout = timeoutNanos < 0 ? -1 : millis(timeoutNanos);
        try {
            return (int)
                    Libc.EPOLL_WAIT.invokeExact(to.errno, epfd, to.records, to.capacity, timeout);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    private static int awaitNanos(
            MethodHandle precise, int epfd, NativeEpollEvents to, long timeoutNanos) {
        MemorySegment noMask = MemorySegment.NULL;
        MemorySegment timeout =
                timeoutNanos < 0
                        ? MemorySegment.NULL
                        : to.timeout(timeoutNanos / SECOND, timeoutNanos % SECOND);
        try {
            return (int)
                    precise.invokeExact(to.errno, epfd, to.records, to.capacity, timeout, noMask);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    /** Rounded up: a poll that ends before its first timer is due would only begin again. */
    private static int millis(long nanos) {
        long whole = nanos / MILLI;
        return (int) Math.min(whole * MILLI < nanos ? whole + 1 : whole, Integer.MAX_VALUE);
    }

    /** struct pollfd: the descriptor, the events asked for, and those that there are. */
    static int ready(Scratch s, int epfd) {
        try {
            s.area.set(JAVA_INT, Scratch.VALUE_AT, epfd);
            s.area.set(JAVA_SHORT, Scratch.VALUE_AT + 4, POLLIN);
            s.area.set(JAVA_SHORT, Scratch.VALUE_AT + 6, (short) 0);
            MemorySegment one = s.area.asSlice(Scratch.VALUE_AT, 8);
            int r = (int) Libc.POLL.invokeExact(s.errno, one, 1L, 0);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int eventFd(Scratch s) {
        return Libc.call(s, Libc.EVENTFD, 0, EFD_NONBLOCK_CLOEXEC);
    }

    static int signal(Scratch s, int eventFd) {
        try {
            s.area.set(JAVA_LONG, Scratch.VALUE_AT, 1);
            MemorySegment one = s.area.asSlice(Scratch.VALUE_AT, 8);
            long r = (long) Libc.WRITE.invokeExact(s.errno, eventFd, one, 8L);
            return r < 0 ? -s.errno() : (int) r;
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }
}
