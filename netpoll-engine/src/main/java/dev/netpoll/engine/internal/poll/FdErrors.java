// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;

/** The exceptions that operations on a descriptor end in, with operation, descriptor and errno. */
final class FdErrors {

    private FdErrors() {}

    /** The exception for a wait, or a look at the slot, that did not end in READY. */
    static IOException notReady(CountedFd polled, Mode mode, PollResult result) {
        int fd = polled.fd;
        return switch (result) {
            case DEADLINE_EXCEEDED ->
                    new SocketTimeoutException(
                            mode.operation() + " fd " + fd + ": deadline exceeded");
            case CLOSING -> new ClosingException(mode.operation(), fd);
            case INTERRUPTED -> new InterruptedIOException(mode + " fd " + fd + ": interrupted");
            case READY -> throw new IllegalStateException("A ready descriptor is no error");
        };
    }

    /** The exception for a system call that answered {@code result}, a negated errno; counts it. */
    static IOException failed(CountedFd polled, Mode mode, String syscall, long result) {
        int fd = polled.fd;
        if (polled.isClosed()) {
            // The errno is only how the close was noticed.
            return new ClosingException(mode.operation(), fd);
        }
        polled.poller.errors().count(syscall, result);
        if (Errno.EBADF.is(result) || Errno.EFAULT.is(result) || Errno.ENOTSOCK.is(result)) {
            // No peer and no operator can cause these: some code closed a number it did not own.
            throw new IllegalStateException(
                    "A bug in the engine: "
                            + new KernelException(syscall, fd, result).getMessage());
        }
        return new KernelException(syscall, fd, result);
    }

    /**
     * Whether an error of accept4(2) is the error of the connection that was next in the queue. Linux
     * hands those out; the manual says to treat them like EAGAIN.
     */
    static boolean isOfTheNewConnection(int result) {
        return switch (Errno.of(result)) {
            case ECONNABORTED,
                    ENETDOWN,
                    EPROTO,
                    ENOPROTOOPT,
                    EHOSTDOWN,
                    ENONET,
                    EHOSTUNREACH,
                    ENETUNREACH ->
                    true;
            case null, default -> false;
        };
    }
}
