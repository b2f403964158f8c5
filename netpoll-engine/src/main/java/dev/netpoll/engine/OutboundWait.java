// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/** How an outbound socket waits, and how it fails: in the JDK's words, with the errno in the cause. */
@FunctionalInterface
interface OutboundWait {

    /** Parks the calling thread until its direction of the connection is ready, or never will be. */
    PollResult await() throws IOException;

    /**
     * Waits until ready. The interrupt of a platform thread does not end it, and is pending after it; that
     * of a virtual thread does, and {@link java.net.Socket} closes the socket then.
     *
     * @param operation what failed, for the message of a time-out: "Read", "Write", "Connect"
     * @throws SocketTimeoutException when the direction's deadline passes
     * @throws InterruptedIOException when a virtual thread is interrupted
     * @throws SocketException when the socket is closed
     */
    default void untilReady(String operation) throws IOException {
        switch (result()) {
            case READY -> {}
            case DEADLINE_EXCEEDED -> throw new SocketTimeoutException(operation + " timed out");
            case CLOSING -> throw new SocketException("Socket closed");
            case INTERRUPTED -> throw new InterruptedIOException("interrupted");
        }
    }

    private PollResult result() throws IOException {
        boolean interrupted = false;
        try {
            PollResult result = await();
            while (result == PollResult.INTERRUPTED && !Thread.currentThread().isVirtual()) {
                interrupted = Thread.interrupted();
                result = await();
            }
            return result;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The exception for a system call on a connected socket that failed. */
    static SocketException failed(KernelException cause) {
        String words =
                switch (cause.errno()) {
                    case EPIPE -> "Broken pipe";
                    case ECONNRESET -> "Connection reset";
                    case ETIMEDOUT -> "Connection timed out";
                    case EHOSTUNREACH -> "No route to host";
                    case ENETUNREACH -> "Network is unreachable";
                    case null, default -> String.valueOf(cause.getMessage());
                };
        return new SocketException(words, cause);
    }

    /** The exception for an operation that found the socket closed, or its engine. */
    static SocketException closed(ClosingException cause) {
        return new SocketException("Socket closed", cause);
    }
}
