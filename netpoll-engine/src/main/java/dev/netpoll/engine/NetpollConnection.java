// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.sched.CurrentSlice;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.engine.stats.WaitKind;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A connected stream socket, TCP or Unix domain, read and written as if it blocked. Go's net.Conn.
 *
 * <p>One reader and one writer at a time; a second of either is an {@link IllegalStateException}. Any
 * thread may set deadlines and close. A deadline covers pending and future I/O until it is moved.
 */
public final class NetpollConnection implements AutoCloseable {

    /** No deadline. */
    public static final long NO_DEADLINE = PollDesc.NO_DEADLINE;

    /** A deadline that has passed: pending and future I/O fails until the deadline is moved. */
    public static final long EXPIRED = PollDesc.EXPIRED;

    private final NetpollEngine engine;
    private final EventLoop loop;
    private final PolledFd polled;
    private final PeerAddress peer;

    NetpollConnection(NetpollEngine engine, EventLoop loop, PolledFd polled, PeerAddress peer) {
        this.engine = engine;
        this.loop = loop;
        this.polled = polled;
        this.peer = peer;
    }

    PolledFd polled() {
        return polled;
    }

    // ---- reading and writing --------------------------------------------------------------------

    /**
     * Waits for data.
     *
     * @return bytes read into {@code dst}, or -1 at the end of the stream
     * @throws java.net.SocketTimeoutException when the read deadline passes
     * @throws dev.netpoll.engine.io.ClosingException when the connection is closed meanwhile
     * @throws java.io.InterruptedIOException when the thread is interrupted; the connection stays open
     */
    public int read(ByteBuffer dst) throws IOException {
        return polled.read(dst);
    }

    /** Reads what is there: 0 for nothing now, -1 at the end of the stream. */
    public int tryRead(ByteBuffer dst) throws IOException {
        return polled.tryRead(dst);
    }

    /**
     * Writes all of {@code src}, waiting for room.
     *
     * @throws java.net.SocketTimeoutException when the write deadline passes; some may be written
     * @throws dev.netpoll.engine.io.ClosingException when the connection is closed meanwhile
     * @throws java.io.InterruptedIOException when the thread is interrupted; some may be written
     */
    public void write(ByteBuffer src) throws IOException {
        polled.write(src);
    }

    /** Writes all the buffers, gathered into as few system calls as the socket allows. */
    public void write(ByteBuffer... srcs) throws IOException {
        polled.write(srcs);
    }

    /** Writes what the socket takes now; answers how much that was. */
    public int tryWrite(ByteBuffer src) throws IOException {
        return polled.tryWrite(src);
    }

    /** Sends from a file what the socket takes now; answers how much that was. */
    public long trySend(FileSource file, long position, long count) throws IOException {
        return polled.trySendFile(file.fd(), position, count);
    }

    /** How many bytes a read would find now. */
    public int available() throws IOException {
        return polled.available();
    }

    /** Ends reading, a pending read as well: it finds the end of the stream. Writing goes on. */
    public void shutdownRead() throws IOException {
        polled.shutdownRead();
    }

    /** Sends FIN; reading goes on. */
    public void shutdownWrite() throws IOException {
        polled.shutdownWrite();
    }

    /** The engine it belongs to. */
    public NetpollEngine engine() {
        return engine;
    }

    /**
     * Cuts the connection both ways at once, whatever read or write is under way; close still
     * follows.
     */
    public void shutdownBoth() {
        polled.shutdownBoth();
    }

    /** Opens a file to {@link #trySend} from. */
    public FileSource openFile(String path) throws IOException {
        return FileSource.open(engine.kernel(), path);
    }

    // ---- deadlines ------------------------------------------------------------------------------

    /** Sets both deadlines: a time of {@link NetpollEngine#ticker}, NO_DEADLINE or EXPIRED. */
    public void setDeadline(long when) {
        setReadDeadline(when);
        setWriteDeadline(when);
    }

    /** Sets the read deadline: a time of {@link NetpollEngine#ticker}, NO_DEADLINE or EXPIRED. */
    public void setReadDeadline(long when) {
        polled.desc().setDeadline(Mode.READ, when);
    }

    /**
     * Moves the read deadline, unless a caller set it to EXPIRED: a reader's time-outs do not call off
     * a cancel.
     *
     * @return false when it is EXPIRED, and stays so
     */
    public boolean renewReadDeadline(long when) {
        return polled.desc().renewDeadline(Mode.READ, when);
    }

    /** Sets the write deadline: a time of {@link NetpollEngine#ticker}, NO_DEADLINE or EXPIRED. */
    public void setWriteDeadline(long when) {
        polled.desc().setDeadline(Mode.WRITE, when);
    }

    // ---- without a thread -----------------------------------------------------------------------

    /**
     * Has {@code dispatch} run on a virtual thread once there is something to read, the read deadline
     * passes, or the connection closes: {@link #readable} tells which. Until then no thread is held.
     *
     * @return false when a thread waits to read: it will have the data instead
     */
    public boolean whenReadable(Dispatch dispatch) {
        return polled.desc().arm(Mode.READ, dispatch);
    }

    /** As {@link #whenReadable}, for room to write and the write deadline. */
    public boolean whenWritable(Dispatch dispatch) {
        return polled.desc().arm(Mode.WRITE, dispatch);
    }

    /** Takes back a dispatch that has not been started; false when it has. */
    public boolean cancelWhenReadable(Dispatch dispatch) {
        return polled.desc().disarm(Mode.READ, dispatch);
    }

    /**
     * Reads what {@link #awaitReadable} has found, also when the read deadline has passed since.
     *
     * @return as {@link #tryRead}
     */
    public int readReady(ByteBuffer dst) throws IOException {
        return polled.readReady(dst);
    }

    /** Parks until there is something to read; answers what else ended the wait, without throwing. */
    public PollResult awaitReadable() throws IOException {
        return polled.awaitReadable();
    }

    /** Parks until there is room to write; answers what else ended the wait, without throwing. */
    public PollResult awaitWritable() throws IOException {
        return polled.awaitWritable();
    }

    /** As {@link #awaitReadable}, but never INTERRUPTED: an interrupt is pending after the wait. */
    public PollResult awaitReadableUninterruptibly() throws IOException {
        return awaitUninterruptibly(true);
    }

    /** As {@link #awaitWritable}, but never INTERRUPTED: an interrupt is pending after the wait. */
    public PollResult awaitWritableUninterruptibly() throws IOException {
        return awaitUninterruptibly(false);
    }

    private PollResult awaitUninterruptibly(boolean toRead) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                PollResult result = toRead ? polled.awaitReadable() : polled.awaitWritable();
                if (result != PollResult.INTERRUPTED) {
                    return result;
                }
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * What {@link #whenReadable}'s dispatch was started for, asked by itself before it reads. READY when
     * there was something to read before the read deadline, however long the dispatch waited to run;
     * move the deadline then.
     */
    public PollResult readable() {
        return polled.desc().startedBy(Mode.READ);
    }

    /** As {@link #readable}, for {@link #whenWritable}'s dispatch and the write deadline. */
    public PollResult writable() {
        return polled.desc().startedBy(Mode.WRITE);
    }

    /**
     * Has {@code dispatch} run on a virtual thread once the peer sends FIN, and once more when the
     * connection is dead both ways: {@link #peerReset} tells. The runs may overlap.
     */
    public void whenPeerCloses(Dispatch dispatch) {
        polled.desc().watchHangup(dispatch);
    }

    /** Has {@code dispatch} run on a virtual thread once the connection is dead both ways. */
    public void whenPeerResets(Dispatch dispatch) {
        polled.desc().watchReset(dispatch);
    }

    /** The socket's pending error by its errno's name, or null for none. Asking clears it. */
    public @Nullable String pendingError() {
        int error = polled.pendingError();
        return error < 0 ? Errno.nameOf(error) : null;
    }

    /** Takes the last of those two back: it is started no more. False when there was none. */
    public boolean cancelWhenPeerCloses() {
        return polled.desc().unwatchHangup();
    }

    /** The peer has sent FIN or RST, as far as the loop has seen. */
    public boolean peerClosed() {
        return polled.desc().peerClosed();
    }

    /**
     * How long after its last bytes the peer's FIN came, in nanoseconds: as little as the loop can say
     * for sure, 0 for a FIN that came along with them. Meaningful once {@link #peerClosed}.
     */
    public long finAfterBytes() {
        return polled.desc().finAfterBytes();
    }

    /** The connection is dead both ways, as far as the loop has seen. */
    public boolean peerReset() {
        return polled.desc().hungUp();
    }

    /** Starts a virtual thread on the connection's loop. */
    public Thread fork(Runnable task) {
        return loop.start(null, task);
    }

    /** Starts a virtual thread of that name on the connection's loop. */
    public Thread fork(String name, Runnable task) {
        return loop.start(name, task);
    }

    /**
     * Starts a virtual thread of that name on the connection's loop for what is new there, a request that the calling
     * thread has read for instance. It comes in its turn behind what has begun before; a thread by {@link #fork} counts
     * as what the calling one goes on with, and comes next.
     */
    public Thread begin(String name, Runnable task) {
        return CurrentSlice.begin(loop, name, task);
    }

    /**
     * Has {@code task}, a {@link #tryWrite} for instance, run by the loop's carrier together with what
     * its neighbours have left to send: once the loop has run what is queued, at most 200 µs and a
     * slice later. It must neither block nor throw.
     *
     * @return false, and nothing happens, where the calling thread is not one that loops carry, or
     *     their slices are too long to wait for
     */
    public static boolean atBatchEnd(Runnable task) {
        return CurrentSlice.atBatchEnd(task);
    }

    /**
     * Lets other connections of the loop go first, where the calling virtual thread has had its carrier for half a
     * millisecond: for one that serves whatever a peer has sent ahead, which may be much. Nothing on other threads.
     */
    public static void yieldIfLong() {
        CurrentSlice.yieldIfLong();
    }

    // ---- the rest -------------------------------------------------------------------------------

    /** This end, or null once closed. */
    public @Nullable SocketAddress localAddress() {
        return polled.localAddress();
    }

    /** The peer's end, also when either has closed or reset. Null for an unknown family only. */
    public @Nullable SocketAddress remoteAddress() {
        return peer.get();
    }

    /** Sets an option; false when the kernel refuses it. */
    public boolean setOption(SocketOption option, int value) {
        return polled.setOption(option, value);
    }

    /** An option's value; negative when the kernel refuses to tell it, or once closed. */
    public int option(SocketOption option) {
        return polled.option(option);
    }

    /** SO_LINGER: seconds close waits, 0 for a reset, negative for off. */
    public boolean setLinger(int seconds) {
        return polled.setLinger(seconds);
    }

    /** The descriptor's number, for the observer. */
    public int fd() {
        return polled.fd();
    }

    /** Bytes received so far, for the observer. */
    public long received() {
        return polled.received();
    }

    /** Bytes sent so far, for the observer. */
    public long sent() {
        return polled.sent();
    }

    /**
     * The present wait of a thread here, and its begin; null when there is none. For the observer.
     */
    public @Nullable Waiting waiting() {
        PollDesc desc = polled.desc();
        boolean writing = desc.hasParked(Mode.WRITE) || desc.hasDispatch(Mode.WRITE);
        long since = desc.waitingSince(writing ? Mode.WRITE : Mode.READ);
        if (since == 0) {
            return null;
        }
        WaitKind kind =
                writing
                        ? WaitKind.WRITE
                        : desc.hasDispatch(Mode.READ) ? WaitKind.IDLE : WaitKind.READ;
        return new Waiting(kind, since);
    }

    /** The thread that waits here to read, or else to write; null for none. For the observer. */
    public @Nullable Thread waiter() {
        Thread reader = polled.desc().parked(Mode.READ);
        return reader != null ? reader : polled.desc().parked(Mode.WRITE);
    }

    /**
     * A wait that goes on.
     *
     * @param kind for what, and how
     * @param since since when, by {@link NetpollEngine#ticker}
     */
    public record Waiting(WaitKind kind, long since) {}

    /** The number of the loop it is under. */
    public int loop() {
        return loop.id();
    }

    public boolean isClosed() {
        return polled.isClosed();
    }

    /** Closes; pending I/O fails, armed dispatches run. A second time does nothing. */
    @Override
    public void close() {
        if (polled.close()) {
            loop.connections().decrementAndGet();
        }
    }

    @Override
    public String toString() {
        return "NetpollConnection[" + polled.desc() + "]";
    }
}
