// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * The reading side of a connection: copies bytes from the kernel straight into the reader's buffer, or what TLS
 * makes of them.
 *
 * <pre>
 * unread    null → some     given back after an upgrade, or taken in to know whether there is any
 * unread    some → null     read, before anything else is
 * </pre>
 *
 * <p>One reader at a time.
 */
final class ReadSide {

    /** Told of what only the reader finds out. On the reader's thread. */
    interface Observer {

        /** The stream has ended, or failed. */
        void peerIsGone();

        /** A blocking read has nothing to read, and waits for at most so long; any time for 0. */
        void readWaits(long timeoutMillis);

        /** A blocking read has waited its whole time. */
        void readExpired();
    }

    /** How much {@link #isReady} takes in to know the answer. */
    private static final int LOOKAHEAD_BYTES = 4096;

    private final NetpollConnection connection;
    private final ByteStream stream;
    private final Observer observer;

    /** Ready to be read. Reader only. */
    private @Nullable ByteBuffer unread;

    /** Nanoseconds. Reader only. */
    private long waited;

    ReadSide(NetpollConnection connection, ByteStream stream, Observer observer) {
        this.connection = connection;
        this.stream = stream;
        this.observer = observer;
    }

    /** How many nanoseconds threads have waited here for bytes. */
    long waited() {
        return waited;
    }

    /** What was given back or taken in before; 0 when there is none. */
    int takeUnread(ByteBuffer to) {
        ByteBuffer held = unread;
        if (held == null) {
            return 0;
        }
        int n = WriteQueue.transfer(held, to);
        if (!held.hasRemaining()) {
            unread = null;
        }
        return n;
    }

    /** What the socket has now; 0 for nothing yet. */
    int tryRead(ByteBuffer to) throws IOException {
        try {
            return present(stream.tryRead(to));
        } catch (KernelException | EOFException e) {
            observer.peerIsGone();
            throw e;
        }
    }

    /**
     * Parks until there is a byte at least.
     *
     * @param dispatch what is started when bytes come and no thread waits: this thread takes its place
     * @throws SocketTimeoutException when nothing comes for {@code timeoutMillis}
     */
    int read(ByteBuffer to, Dispatch dispatch, long timeoutMillis) throws IOException {
        int n = tryRead(to);
        if (n > 0) {
            return n;
        }
        try {
            return present(await(to, dispatch, timeoutMillis));
        } catch (KernelException | EOFException e) {
            observer.peerIsGone();
            throw e;
        }
    }

    boolean isReady() throws IOException {
        if (unread != null) {
            return true;
        }
        ByteBuffer ahead = ByteBuffer.allocate(LOOKAHEAD_BYTES);
        int n = tryRead(ahead);
        if (n > 0) {
            unread = ahead.flip();
        }
        return n > 0;
    }

    /** Puts {@code returned} before what comes next. */
    void giveBack(ByteBuffer returned) {
        ByteBuffer held = unread;
        int more = held == null ? 0 : held.remaining();
        ByteBuffer both = ByteBuffer.allocate(returned.remaining() + more).put(returned);
        if (held != null) {
            both.put(held);
        }
        unread = both.flip();
    }

    private static int present(int n) throws EOFException {
        if (n < 0) {
            throw new EOFException();
        }
        return n;
    }

    private int await(ByteBuffer to, Dispatch dispatch, long timeoutMillis) throws IOException {
        connection.cancelWhenReadable(dispatch);
        // A request that is cancelled meanwhile stays so: await then says that its time is over.
        connection.renewReadDeadline(Timeouts.deadline(connection, timeoutMillis));
        observer.readWaits(timeoutMillis);
        long began = connection.engine().ticker().nanoTime();
        try {
            int n = 0;
            while (n == 0 && to.hasRemaining()) {
                // As with Tomcat's own connectors, an interrupt is the handler's business, not
                // ours.
                if (connection.awaitReadableUninterruptibly() == PollResult.DEADLINE_EXCEEDED) {
                    observer.readExpired();
                    throw new SocketTimeoutException("read timed out");
                }
                n = stream.readReady(to);
            }
            connection.renewReadDeadline(NetpollConnection.NO_DEADLINE);
            return n;
        } finally {
            waited += connection.engine().ticker().nanoTime() - began;
        }
    }
}
