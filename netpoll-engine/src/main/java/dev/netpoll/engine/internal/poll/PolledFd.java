// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;

/**
 * A descriptor under the netpoller: the system calls that may have to wait, and the exceptions they
 * end in. Go's {@code internal/poll.FD}.
 *
 * <p>One reader and one writer at a time; a second is an {@link IllegalStateException}. Any thread may
 * close. On a virtual thread waiting parks it; on a platform thread it blocks it.
 */
public final class PolledFd extends CountedFd {

    /** No errno: what a call answers that was not made. */
    private static final int ONCE_CLOSED = Integer.MIN_VALUE;

    private static final VarHandle RECEIVED;
    private static final VarHandle SENT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            RECEIVED = lookup.findVarHandle(PolledFd.class, "received", long.class);
            SENT = lookup.findVarHandle(PolledFd.class, "sent", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * The last receive got less than it asked for, so the socket was empty, and what comes later
     * comes with an event. Written by the reader alone.
     */
    private boolean drained;

    /** Bytes. Written by the reader alone; observers read it opaquely. */
    private long received;

    /** Bytes. Written by the writer alone; observers read it opaquely. */
    private long sent;

    PolledFd(EpollPoller poller, Kernel kernel, PollDesc desc) {
        super(poller, kernel, desc);
    }

    /** The poll descriptor: deadlines, dispatches, and what is known of the peer. */
    public PollDesc desc() {
        return desc;
    }

    public int fd() {
        return fd;
    }

    /** Bytes received so far, for the observer. */
    public long received() {
        return (long) RECEIVED.getOpaque(this);
    }

    /** Bytes sent so far, for the observer. */
    public long sent() {
        return (long) SENT.getOpaque(this);
    }

    /**
     * Receives what is there, without waiting.
     *
     * @return bytes received, 0 when there is nothing now, -1 at the end of the stream
     */
    public int tryRead(ByteBuffer dst) throws IOException {
        begin(Mode.READ);
        try {
            return receive(dst);
        } finally {
            end(Mode.READ);
        }
    }

    /** As {@link #tryRead}, after {@link #awaitReadable}: a deadline that has passed since is no matter. */
    public int readReady(ByteBuffer dst) throws IOException {
        enter(Mode.READ);
        try {
            PollResult obstacle = desc.slot(Mode.READ).checkAnnounced();
            if (obstacle != PollResult.READY) {
                throw FdErrors.notReady(this, Mode.READ, obstacle);
            }
            return receive(dst);
        } finally {
            end(Mode.READ);
        }
    }

    /**
     * Receives at least one byte, waiting for it.
     *
     * @return bytes received, or -1 at the end of the stream
     * @throws SocketTimeoutException when the read deadline passes first
     * @throws ClosingException when the descriptor is closed first
     * @throws InterruptedIOException when the thread is interrupted while waiting; the descriptor
     *     stays open and the interrupt status set
     */
    public int read(ByteBuffer dst) throws IOException {
        begin(Mode.READ);
        try {
            int n = receive(dst);
            while (n == 0 && dst.hasRemaining()) {
                await(Mode.READ);
                drained = false; // the wait consumed the event that says so
                n = receive(dst);
            }
            return n;
        } finally {
            end(Mode.READ);
        }
    }

    private int receive(ByteBuffer dst) throws IOException {
        int asked = Math.min(dst.remaining(), Kernel.MAX_TRANSFER);
        if (asked == 0) {
            return 0;
        }
        PollSlot slot = desc.slot(Mode.READ);
        if (slot.hasEvent()) {
            slot.reset();
            drained = false; // should the call fail
        } else if (drained && desc.shortReadDrains()) {
            return 0;
        }
        int n;
        do {
            n = kernel.receive(fd, dst);
        } while (Errno.EINTR.is(n));
        if (n > 0) {
            RECEIVED.setOpaque(this, received + n);
            // A FIN that came along with these bytes has had its event: then less proves nothing.
            drained = n < asked && desc.shortReadDrains();
            return n;
        }
        if (n == 0) {
            return -1;
        }
        if (Errno.EAGAIN.is(n)) {
            drained = true;
            return 0;
        }
        throw FdErrors.failed(this, Mode.READ, "recv", n);
    }

    // ---- writing

    /** Sends what the socket takes now, without waiting; answers how many bytes that was. */
    public int tryWrite(ByteBuffer src) throws IOException {
        begin(Mode.WRITE);
        try {
            return send(src);
        } finally {
            end(Mode.WRITE);
        }
    }

    /**
     * Sends all of {@code src}, waiting for room.
     *
     * @throws SocketTimeoutException when the write deadline passes first; some may have been sent
     * @throws ClosingException when the descriptor is closed first
     * @throws InterruptedIOException when the thread is interrupted while waiting; some may have been
     *     sent, the interrupt status is set
     */
    public void write(ByteBuffer src) throws IOException {
        begin(Mode.WRITE);
        try {
            send(src);
            while (src.hasRemaining()) {
                await(Mode.WRITE);
                send(src);
            }
        } finally {
            end(Mode.WRITE);
        }
    }

    /** Sends all of the buffers, gathered; waits and fails as {@link #write(ByteBuffer)}. */
    public void write(ByteBuffer[] srcs) throws IOException {
        begin(Mode.WRITE);
        try {
            int first = 0;
            while ((first = skipEmpty(srcs, first)) < srcs.length) {
                desc.slot(Mode.WRITE).reset();
                long n;
                do {
                    n = kernel.sendVectored(fd, srcs, first, srcs.length - first);
                } while (Errno.EINTR.is(n));
                if (Errno.EAGAIN.is(n)) {
                    await(Mode.WRITE);
                } else if (n < 0) {
                    throw FdErrors.failed(this, Mode.WRITE, "sendmsg", n);
                } else {
                    SENT.setOpaque(this, sent + n);
                }
            }
        } finally {
            end(Mode.WRITE);
        }
    }

    private static int skipEmpty(ByteBuffer[] srcs, int from) {
        int i = from;
        while (i < srcs.length && !srcs[i].hasRemaining()) {
            i++;
        }
        return i;
    }

    private int send(ByteBuffer src) throws IOException {
        int done = 0;
        desc.slot(Mode.WRITE).reset();
        while (src.hasRemaining()) {
            int n = kernel.send(fd, src);
            if (n >= 0) {
                done += n;
            } else if (Errno.EAGAIN.is(n)) {
                break;
            } else if (!Errno.EINTR.is(n)) {
                throw FdErrors.failed(this, Mode.WRITE, "send", n);
            }
        }
        SENT.setOpaque(this, sent + done);
        return done;
    }

    /**
     * Sends from a file, without waiting, by sendfile(2).
     *
     * @return bytes sent; 0 when the socket takes none now
     */
    public long trySendFile(int fileFd, long position, long count) throws IOException {
        begin(Mode.WRITE);
        try {
            desc.slot(Mode.WRITE).reset();
            long n;
            do {
                n = kernel.sendFile(fd, fileFd, position, count);
            } while (Errno.EINTR.is(n));
            if (n < 0 && !Errno.EAGAIN.is(n)) {
                throw FdErrors.failed(this, Mode.WRITE, "sendfile", n);
            }
            SENT.setOpaque(this, sent + Math.max(n, 0));
            return Math.max(n, 0);
        } finally {
            end(Mode.WRITE);
        }
    }

    /**
     * Sends FIN: the peer reads the end of the stream, this side may go on reading. Waits for nothing,
     * so no deadline and no other writer stands in its way; what a writer has not sent yet fails.
     */
    public void shutdownWrite() throws IOException {
        shutDown(Mode.WRITE, kernel::shutdownWrite);
    }

    /** Ends reading: a pending and every later read finds the end of the stream. */
    public void shutdownRead() throws IOException {
        shutDown(Mode.READ, kernel::shutdownRead);
    }

    private void shutDown(Mode mode, IntUnaryOperator call) throws IOException {
        int r = orFail(mode, call);
        if (r < 0 && !Errno.ENOTCONN.is(r)) {
            throw FdErrors.failed(this, mode, "shutdown", r);
        }
    }

    /** How many bytes a read would find now. */
    public int available() throws IOException {
        int r = orFail(Mode.READ, kernel::available);
        if (r < 0) {
            throw FdErrors.failed(this, Mode.READ, "ioctl", r);
        }
        return r;
    }

    private int orFail(Mode mode, IntUnaryOperator call) throws ClosingException {
        int r = unlessClosed(call);
        if (r == ONCE_CLOSED) {
            throw new ClosingException(mode.operation(), fd);
        }
        return r;
    }

    // ---- accepting and connecting

    /**
     * Waits for a connection.
     *
     * @param peer is filled with its address
     * @return its descriptor, not yet under any poller
     * @throws KernelException for what accept4(2) lists, EMFILE and ENFILE among them; a connection
     *     that failed in the queue is counted and skipped
     */
    public int accept(PeerAddress peer) throws IOException {
        begin(Mode.READ);
        try {
            while (true) {
                desc.slot(Mode.READ).reset();
                int accepted = kernel.accept(fd, peer);
                if (accepted >= 0) {
                    return accepted;
                }
                if (Errno.EAGAIN.is(accepted)) {
                    await(Mode.READ);
                } else if (FdErrors.isOfTheNewConnection(accepted)) {
                    poller.errors().count("accept4", accepted);
                } else if (!Errno.EINTR.is(accepted)) {
                    throw FdErrors.failed(this, Mode.READ, "accept4", accepted);
                }
            }
        } finally {
            end(Mode.READ);
        }
    }

    /**
     * Waits, under the write deadline, for a connect(2) that is under way to end.
     *
     * <p>It was begun before the descriptor came under its poller: an unconnected socket reports a
     * hang-up, and that is sticky.
     */
    public void finishConnect() throws IOException {
        begin(Mode.WRITE);
        try {
            int r = kernel.pendingError(fd);
            while (r == 0 && kernel.remoteAddress(fd) == null) {
                await(Mode.WRITE);
                r = kernel.pendingError(fd);
            }
            if (r < 0) {
                throw FdErrors.failed(this, Mode.WRITE, "connect", r);
            }
        } finally {
            end(Mode.WRITE);
        }
    }

    // ---- waiting

    /**
     * Parks until there is something to read, or what keeps it from being read. For callers that make
     * their own of time-outs; the others call {@link #read}.
     */
    public PollResult awaitReadable() throws IOException {
        begin(Mode.READ);
        try {
            PollResult result = desc.await(Mode.READ);
            if (result == PollResult.READY) {
                drained = false;
            }
            return result;
        } finally {
            end(Mode.READ);
        }
    }

    /** As {@link #awaitReadable}, for room to write. */
    public PollResult awaitWritable() throws IOException {
        begin(Mode.WRITE);
        try {
            return desc.await(Mode.WRITE);
        } finally {
            end(Mode.WRITE);
        }
    }

    private void await(Mode mode) throws IOException {
        PollResult result = desc.await(mode);
        if (result != PollResult.READY) {
            throw FdErrors.notReady(this, mode, result);
        }
    }

    /** Shuts both halves down at once, whatever operation is under way. Does nothing once closed. */
    public void shutdownBoth() {
        unlessClosed(kernel::shutdownBoth);
    }

    // ---- the socket

    /** This end, or null once closed. */
    public @Nullable SocketAddress localAddress() {
        if (!acquire()) {
            return null;
        }
        try {
            return kernel.localAddress(fd);
        } finally {
            letGo();
        }
    }

    /** The pending error as a negated errno, 0 for none or once closed. Asking clears it. */
    public int pendingError() {
        int r = unlessClosed(kernel::pendingError);
        return r == ONCE_CLOSED ? 0 : r;
    }

    /** Sets an option; false when the kernel refuses it, or once closed. */
    public boolean setOption(SocketOption option, int value) {
        return unlessClosed(open -> kernel.setOption(open, option, value)) >= 0;
    }

    /** An option's value; negative when the kernel refuses to tell it, or once closed. */
    public int option(SocketOption option) {
        return unlessClosed(open -> kernel.option(open, option));
    }

    /** SO_LINGER: seconds, 0 for a reset, negative for off; false as {@link #setOption}. */
    public boolean setLinger(int seconds) {
        return unlessClosed(open -> kernel.setLinger(open, seconds)) >= 0;
    }

    /** What {@code call} answers of the descriptor, which stays open under it; or ONCE_CLOSED. */
    private int unlessClosed(IntUnaryOperator call) {
        if (!acquire()) {
            return ONCE_CLOSED;
        }
        try {
            return call.applyAsInt(fd);
        } finally {
            letGo();
        }
    }
}
