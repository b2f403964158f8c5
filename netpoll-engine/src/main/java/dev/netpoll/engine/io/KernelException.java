// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import org.jspecify.annotations.Nullable;

import java.io.Serial;
import java.net.SocketException;

/** Thrown when a system call fails, with its name, the descriptor, and the errno by name. */
public final class KernelException extends SocketException {

    @Serial private static final long serialVersionUID = 1L;

    private final String syscall;
    private final int errno;

    /**
     * @param syscall as in the manual
     * @param fd the descriptor, or negative for none
     * @param result the negated errno
     */
    public KernelException(String syscall, int fd, long result) {
        super(syscall + (fd >= 0 ? " fd " + fd : "") + ": " + Errno.nameOf(result));
        this.syscall = syscall;
        this.errno = (int) -result;
    }

    /** The system call, as in the manual. */
    public String syscall() {
        return syscall;
    }

    /** The errno, or null for one without a name here. */
    public @Nullable Errno errno() {
        return Errno.of(-errno);
    }
}
