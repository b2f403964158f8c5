// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sched.CurrentSlice;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stream that reads an outbound socket, under its SO_TIMEOUT. Readers wait for each other. Safe from
 * any thread.
 */
final class OutboundInput extends InputStream {

    private final NetpollEngine engine;
    private final OutboundFd descriptor;
    private final ReentrantLock lock = new ReentrantLock();

    /** SO_TIMEOUT in milliseconds, 0 for none. Any thread. */
    private volatile int timeout;

    /** Any thread. */
    private volatile boolean shutDown;

    /** The end of the stream was read: it is read for ever, as with the JDK's sockets. Under the lock. */
    private boolean ended;

    /** The peer's reset, which the kernel tells only once. Under the lock. */
    private @Nullable KernelException reset;

    OutboundInput(NetpollEngine engine, OutboundFd descriptor) {
        this.engine = engine;
        this.descriptor = descriptor;
    }

    int timeout() {
        return timeout;
    }

    void timeout(int millis) {
        timeout = millis;
    }

    /** Ends reading, a pending read as well: it finds the end of the stream. */
    void shutDown() throws IOException {
        NetpollConnection connection = descriptor.connection();
        shutDown = true;
        connection.shutdownRead();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) > 0 ? one[0] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, into.length);
        if (length == 0) {
            return 0;
        }
        long deadline = lock();
        try {
            if (ended) {
                return -1;
            }
            NetpollConnection connection = descriptor.connection();
            if (reset != null) {
                throw OutboundWait.failed(reset);
            }
            int n =
                    shutDown
                            ? -1
                            : receive(connection, ByteBuffer.wrap(into, from, length), deadline);
            ended = n < 0;
            return n;
        } catch (ClosingException e) {
            throw OutboundWait.closed(e);
        } catch (KernelException e) {
            if (e.errno() == Errno.ECONNRESET) {
                reset = e;
            }
            throw OutboundWait.failed(e);
        } finally {
            lock.unlock();
        }
    }

    /** Answers until when the read may wait. */
    private long lock() throws SocketTimeoutException {
        int millis = timeout;
        if (millis == 0) {
            lock.lock();
            return NetpollConnection.NO_DEADLINE;
        }
        long deadline = engine.deadlineAfter(Duration.ofMillis(millis));
        if (!lock.tryLock() && !lockedBefore(deadline)) {
            throw new SocketTimeoutException("Read timed out");
        }
        return deadline;
    }

    private boolean lockedBefore(long deadline) {
        boolean interrupted = false;
        try {
            while (true) {
                long left = deadline - engine.ticker().nanoTime();
                try {
                    return left > 0 && lock.tryLock(left, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int receive(NetpollConnection from, ByteBuffer into, long deadline)
            throws IOException {
        int n = from.tryRead(into);
        if (n != 0) {
            return n;
        }
        if (deadline == NetpollConnection.NO_DEADLINE) {
            return receiveLater(from, into);
        }
        // Only a read that waits pays for a deadline. One that was expired from outside stays so.
        from.renewReadDeadline(deadline);
        try {
            return receiveLater(from, into);
        } finally {
            from.renewReadDeadline(NetpollConnection.NO_DEADLINE);
        }
    }

    private static int receiveLater(NetpollConnection from, ByteBuffer into) throws IOException {
        OutboundWait readable = from::awaitReadable;
        int n = 0;
        while (n == 0) {
            CurrentSlice.asks();
            readable.untilReady("Read");
            n = from.readReady(into);
        }
        return n;
    }

    @Override
    public int available() throws IOException {
        NetpollConnection connection = descriptor.connection();
        try {
            return shutDown ? 0 : connection.available();
        } catch (ClosingException e) {
            throw OutboundWait.closed(e);
        }
    }

    /** Closes the socket. */
    @Override
    public void close() throws SocketException {
        descriptor.close();
    }
}
