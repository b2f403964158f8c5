// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.netpoll.engine.io.Errno;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Down-call handles to the C library, each with errno captured into its first argument.
 *
 * <p>Linking happens when the class is initialised; where that fails the engine reports itself
 * unavailable.
 */
final class Libc {

    private static final Linker LINKER = Linker.nativeLinker();

    static final MemoryLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();

    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    static final MethodHandle SOCKET = link("socket", ints(3));
    static final MethodHandle BIND =
            link("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    static final MethodHandle LISTEN = link("listen", ints(2));
    static final MethodHandle ACCEPT4 =
            link("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    static final MethodHandle CONNECT =
            link("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    static final MethodHandle SHUTDOWN = link("shutdown", ints(2));
    static final MethodHandle CLOSE = link("close", ints(1));
    static final MethodHandle RECV = link("recv", buffer());
    static final MethodHandle SEND = link("send", buffer());
    static final MethodHandle SENDMSG =
            link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    static final MethodHandle WRITE =
            link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    symbol("open").orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    CAPTURE,
                    Linker.Option.firstVariadicArg(2));
    static final MethodHandle IOCTL =
            LINKER.downcallHandle(
                    symbol("ioctl").orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                    CAPTURE,
                    Linker.Option.firstVariadicArg(2));
    static final MethodHandle SENDFILE =
            link(
                    "sendfile",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle UNLINK = link("unlink", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    static final MethodHandle SETSOCKOPT =
            link(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    static final MethodHandle GETSOCKOPT =
            link(
                    "getsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    static final MethodHandle GETSOCKNAME =
            link("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    static final MethodHandle GETPEERNAME =
            link("getpeername", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    static final MethodHandle EPOLL_CREATE1 = link("epoll_create1", ints(1));
    static final MethodHandle EPOLL_CTL =
            link(
                    "epoll_ctl",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    static final MethodHandle EPOLL_WAIT =
            link(
                    "epoll_wait",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    /**
     * Null where the C library has none (glibc before 2.35), or the kernel under it (before 5.11), or
     * a container's filter forbids it: {@link #EPOLL_WAIT} serves instead.
     */
    static final @Nullable MethodHandle EPOLL_PWAIT2 =
            symbol("epoll_pwait2")
                    .map(
                            s ->
                                    LINKER.downcallHandle(
                                            s,
                                            FunctionDescriptor.of(
                                                    JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS,
                                                    ADDRESS),
                                            CAPTURE))
                    .filter(Libc::kernelKnows)
                    .orElse(null);

    static final MethodHandle POLL =
            link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    static final MethodHandle EVENTFD = link("eventfd", ints(2));

    /** More than a handle serves before the JDK makes a form of its own for it, which needs memory. */
    private static final int CALLS_UNTIL_SETTLED = 130;

    static {
        settle();
    }

    private Libc() {}

    /**
     * Those that nothing may keep from being made, and those that every round of a loop makes, are as they will stay
     * before memory can lack. On a descriptor that is none.
     */
    private static void settle() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURE_LAYOUT);
            MemorySegment area = arena.allocate(16); // an event or a time
            MethodHandle exact = EPOLL_PWAIT2;
            for (int i = 0; i < CALLS_UNTIL_SETTLED; i++) {
                int _ = (int) CLOSE.invokeExact(errno, -1);
                long _ = (long) WRITE.invokeExact(errno, -1, area, 8L);
                int _ = (int) EPOLL_WAIT.invokeExact(errno, -1, area, 1, 0);
                int _ = (int) EPOLL_CTL.invokeExact(errno, -1, 0, -1, area);
                if (exact != null) {
                    int _ = (int) exact.invokeExact(errno, -1, area, 1, area, MemorySegment.NULL);
                }
            }
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /** Tried on a descriptor that is none: a kernel that has the call finds just that to say. */
    private static boolean kernelKnows(MethodHandle epollPwait2) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(CAPTURE_LAYOUT);
            MemorySegment records = arena.allocate(NativeEpollEvents.RECORD_BYTES);
            MemorySegment atOnce = arena.allocate(16);
            int r =
                    (int)
                            epollPwait2.invokeExact(
                                    errno, -1, records, 1, atOnce, MemorySegment.NULL);
            return r < 0 && Errno.EBADF.is(-errno.get(JAVA_INT, 0));
        } catch (Throwable t) {
            throw new IllegalStateException("epoll_pwait2 could not be called", t);
        }
    }

    /** Makes a call of two int arguments. */
    static int call(Scratch s, MethodHandle call, int a, int b) {
        try {
            int r = (int) call.invokeExact(s.errno, a, b);
            return s.result(r);
        } catch (Throwable t) {
            throw broken(t);
        }
    }

    /**
     * The exception to throw for what a down-call threw. A down-call throws nothing of its own, so
     * this is a bug, or the JVM dying.
     */
    static RuntimeException broken(Throwable t) {
        return switch (t) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException("A system call could not be made", t);
        };
    }

    private static Optional<MemorySegment> symbol(String name) {
        return LINKER.defaultLookup().find(name);
    }

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        MemorySegment address =
                symbol(name)
                        .orElseThrow(
                                () -> new UnsatisfiedLinkError("The C library has no " + name));
        return LINKER.downcallHandle(address, descriptor, CAPTURE);
    }

    private static FunctionDescriptor ints(int count) {
        MemoryLayout[] arguments = new MemoryLayout[count];
        java.util.Arrays.fill(arguments, JAVA_INT);
        return FunctionDescriptor.of(JAVA_INT, arguments);
    }

    private static FunctionDescriptor buffer() {
        return FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    }
}
