// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import dev.netpoll.engine.internal.sys.Kernel;

import org.jspecify.annotations.Nullable;

/**
 * The errno values the engine tells apart, by the names of errno(3).
 *
 * <p>The numbers are Linux's generic ones (asm-generic/errno.h), shared by x86-64 and AArch64. Calls
 * of {@link Kernel} answer {@code -number}; {@link #of} turns that back into a name.
 */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EINTR(4),
    EIO(5),
    EBADF(9),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EEXIST(17),
    EINVAL(22),
    ENFILE(23),
    EMFILE(24),
    ENOTTY(25),
    EFBIG(27),
    ENOSPC(28),
    EPIPE(32),
    ENAMETOOLONG(36),
    ENOSYS(38),
    ENONET(64),
    EPROTO(71),
    ENOTSOCK(88),
    EDESTADDRREQ(89),
    EMSGSIZE(90),
    ENOPROTOOPT(92),
    EPROTONOSUPPORT(93),
    EOPNOTSUPP(95),
    EAFNOSUPPORT(97),
    EADDRINUSE(98),
    EADDRNOTAVAIL(99),
    ENETDOWN(100),
    ENETUNREACH(101),
    ECONNABORTED(103),
    ECONNRESET(104),
    ENOBUFS(105),
    EISCONN(106),
    ENOTCONN(107),
    ETIMEDOUT(110),
    ECONNREFUSED(111),
    EHOSTDOWN(112),
    EHOSTUNREACH(113),
    EALREADY(114),
    EINPROGRESS(115);

    private static final int HIGHEST = 133;
    private static final @Nullable Errno[] BY_NUMBER = new Errno[HIGHEST + 1];

    static {
        for (Errno e : values()) {
            BY_NUMBER[e.number] = e;
        }
    }

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The positive errno number. */
    public int number() {
        return number;
    }

    /** Whether {@code result}, as answered by {@link Kernel}, is this error. */
    public boolean is(long result) {
        return result == -number;
    }

    /** The error a negative result stands for, or null when it has no name here. */
    public static @Nullable Errno of(long result) {
        long n = -result;
        return n > 0 && n <= HIGHEST ? BY_NUMBER[(int) n] : null;
    }

    /** The errno's name, or {@code errno 77} for one without a name here. */
    public static String nameOf(long result) {
        Errno e = of(result);
        return e != null ? e.name() : "errno " + -result;
    }
}
