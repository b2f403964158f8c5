// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.apache.coyote.Processor;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The vectored, asynchronous half of a socket wrapper: reads and writes of several buffers that end by a call of
 * a completion handler. HTTP/2, WebSocket and other upgraded protocols use it.
 *
 * <pre>
 * operation: state → state   moved by
 * inline  → complete        the caller's thread, when the bytes are there, or find room in the write buffer
 * inline  → waiting         the caller's thread, which goes on, unless it asked to wait ({@code BLOCK})
 * waiting → complete        a read: the thread that the connection's event starts; a write: a thread of its own
 * </pre>
 *
 * <p>One operation in each direction is under way, as Tomcat's semaphores have it. An idle connection's read holds
 * no thread. What is written is gathered, and leaves with what other operations write in the same batch of the loop:
 * the responses of many streams are one send.
 */
abstract class VectoredSocketWrapper extends SocketWrapperBase<NetpollConnection> {

    private static final Log LOG = LogFactory.getLog(VectoredSocketWrapper.class);

    /** After so many reads, of which HTTP/2 has two or three for a request, others may have waited for long. */
    private static final int READS_PER_LOOK = 16;

    private final NetpollConnection connection;

    /** Since the last look at how long the thread has run. Reader only. */
    private int readsSinceLook;

    /** Written by the connection's thread. */
    private volatile @Nullable Http2Streams streams;

    VectoredSocketWrapper(NetpollConnection connection, NetpollTomcatEndpoint endpoint) {
        super(connection, endpoint);
        this.connection = connection;
    }

    /** Whose connection it is. */
    NetpollTomcatEndpoint endpoint() {
        return (NetpollTomcatEndpoint) getEndpoint();
    }

    abstract ReadSide reads();

    abstract WriteQueue writes();

    abstract ConnectionProcessing processing();

    abstract @Nullable TomcatRequestContext request();

    // ---- HTTP/2

    /** From now on it has streams. On the connection's thread. */
    Http2Streams speaksHttp2(NetpollSocketWrapper whole) {
        Http2Streams made = new Http2Streams(whole);
        streams = made;
        return made;
    }

    /** Of HTTP/2; null while it is not spoken. Any thread. */
    @Nullable Http2Streams streams() {
        return streams;
    }

    /** How many requests are served here. Any thread. */
    int requestsInFlight() {
        Http2Streams open = streams;
        if (open != null) {
            return open.count();
        }
        return processing().isServing() ? 1 : 0;
    }

    /** A request is served or being read, or another protocol than HTTP is spoken. Any thread. */
    boolean isActive() {
        return requestsInFlight() > 0 || (streams == null && getCurrentProcessor() != null);
    }

    /** Cancels what is under way here; false when nothing is. Any thread. */
    boolean cancelRequests(String why) {
        Http2Streams open = streams;
        TomcatRequestContext single = request();
        List<TomcatRequestContext> requests =
                open != null ? open.requests() : single == null ? List.of() : List.of(single);
        requests.forEach(request -> request.cancel(why));
        return !requests.isEmpty();
    }

    /**
     * Runs the task of an {@code AsyncContext.start}, or a stream. Streams are as many requests, and each that ends starts
     * another that waits: the other connections' would wait for them all, if each came next.
     */
    @Override
    public void execute(Runnable task) {
        NetpollTomcatEndpoint endpoint = endpoint();
        if (!endpoint.isRunning()) {
            throw new RejectedExecutionException("The connector has stopped");
        }
        Runnable counted = () -> endpoint.requests().run(task);
        if (streams == null) {
            processing().fork(counted);
        } else {
            processing().begin(counted);
        }
    }

    /** It rests from now on. Tomcat tells of a pause those alone that rest when it begins. On a thread of its own. */
    void tellOfPause() {
        if (getEndpoint().isPaused() && getCurrentProcessor() instanceof Processor processor) {
            processor.pause();
        }
    }

    /**
     * What is spoken here instead of HTTP, and rests, is told of an error that has closed the connection elsewhere: where
     * a write of its own has failed Tomcat closes and says nothing, and an application would wait for its session's end.
     */
    @Override
    public void close() {
        Object resting = processing().isServing() ? null : getCurrentProcessor();
        super.close();
        if (resting instanceof Processor upgraded
                && upgraded.isUpgrade()
                && streams == null
                && getError() != null
                && getEndpoint().isRunning()) {
            processing().fork(() -> tellOfError(upgraded));
        }
    }

    private void tellOfError(Processor upgraded) {
        getLock().lock();
        try {
            var _ = upgraded.process(this, SocketEvent.ERROR);
        } catch (IOException e) {
            LOG.debug("What was spoken on " + this + " could not be told of its end", e);
        } finally {
            getLock().unlock();
        }
    }

    // ---- operations

    @Override
    public boolean isReadPending() {
        return readOperation != null;
    }

    @Override
    public boolean isWritePending() {
        return writeOperation != null;
    }

    /** Goes on with the read that waits for the event that has come; false when there is none. */
    boolean resumeRead() {
        OperationState<?> waiting = readOperation;
        if (waiting == null) {
            return false;
        }
        waiting.run();
        return true;
    }

    /**
     * Sends what the loop could not, waiting for room as long as a write may; no operation writes meanwhile.
     */
    void sendTheRest() throws IOException {
        Semaphore writers = writePending;
        if (writers == null) {
            writes().settle(getWriteTimeout());
            return;
        }
        writers.acquireUninterruptibly();
        try {
            writes().flush(getWriteTimeout());
        } finally {
            writers.release();
        }
    }

    @Override
    protected <A> OperationState<A> newOperationState(
            boolean read,
            ByteBuffer[] buffers,
            int offset,
            int length,
            BlockingMode block,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionCheck check,
            CompletionHandler<Long, ? super A> handler,
            Semaphore semaphore,
            VectoredIOCompletionHandler<A> completion) {
        return new Operation<>(
                read,
                buffers,
                offset,
                length,
                block,
                timeout,
                unit,
                attachment,
                check,
                handler,
                semaphore,
                completion);
    }

    /** One read or write. Runs on one thread at a time. */
    private final class Operation<A> extends OperationState<A> {

        /** The caller has not been told that it waits. Written by the thread that runs it. */
        private volatile boolean inline = true;

        /** Of all that is written. */
        private final long bytes;

        /** Whether it is known what has to leave before it. By the thread that runs it. */
        private boolean begun;

        /** What has to leave before it. By the thread that runs it. */
        private @Nullable ByteBuffer ahead;

        Operation(
                boolean read,
                ByteBuffer[] buffers,
                int offset,
                int length,
                BlockingMode block,
                long timeout,
                TimeUnit unit,
                A attachment,
                CompletionCheck check,
                CompletionHandler<Long, ? super A> handler,
                Semaphore semaphore,
                VectoredIOCompletionHandler<A> completion) {
            super(
                    read,
                    buffers,
                    offset,
                    length,
                    block,
                    timeout,
                    unit,
                    attachment,
                    check,
                    handler,
                    semaphore,
                    completion);
            bytes = room();
        }

        @Override
        protected boolean isInline() {
            return inline;
        }

        /** The thread may wait: its caller asked for that, or goes on by itself. */
        private boolean mayWait() {
            return block == BlockingMode.BLOCK || !inline;
        }

        @Override
        public void run() {
            long n;
            try {
                IOException failed = getError();
                if (failed != null) {
                    throw failed;
                }
                n = read ? read() : write();
            } catch (IOException e) {
                completion.failed(e, this);
                return;
            }
            if (n >= 0) {
                completion.completed(n, this);
            }
        }

        // ---- reading

        /** What there is; less than 0 when an event will tell of more, and a thread then goes on here. */
        private long read() throws IOException {
            if (++readsSinceLook == READS_PER_LOOK) {
                readsSinceLook = 0;
                NetpollConnection.yieldIfLong();
            }
            int n = scatter();
            if (n == 0 && buffersArrayHasRemaining(buffers, offset, length)) {
                if (block == BlockingMode.BLOCK) {
                    return readBlocking();
                }
                inline = false;
                registerReadInterest();
                return -1;
            }
            return n;
        }

        private int scatter() throws IOException {
            int n = 0;
            for (int i = offset; i < offset + length; i++) {
                n += reads().takeUnread(buffers[i]);
            }
            return n > 0 ? n : scatterFromSocket();
        }

        /** By one system call into a buffer of the carrier's, even where there are several to fill. */
        private int scatterFromSocket() throws IOException {
            ByteBuffer only = onlyOneWithRoom();
            if (only != null) {
                return reads().tryRead(only);
            }
            ByteBuffer whole = connection.engine().borrowBuffer();
            try {
                whole.limit((int) Math.min(whole.capacity(), room()));
                int n = reads().tryRead(whole);
                whole.flip();
                for (int i = offset; i < offset + length; i++) {
                    WriteQueue.transfer(whole, buffers[i]);
                }
                return n;
            } finally {
                connection.engine().giveBack(whole.clear());
            }
        }

        private @Nullable ByteBuffer onlyOneWithRoom() {
            ByteBuffer found = null;
            for (int i = offset; i < offset + length; i++) {
                if (buffers[i].hasRemaining()) {
                    if (found != null) {
                        return null;
                    }
                    found = buffers[i];
                }
            }
            return found == null ? buffers[offset] : found;
        }

        private long room() {
            long room = 0;
            for (int i = offset; i < offset + length; i++) {
                room += buffers[i].remaining();
            }
            return room;
        }

        /** Into the first that has room: the completion check decides whether that is enough. */
        private long readBlocking() throws IOException {
            for (int i = offset; i < offset + length; i++) {
                if (buffers[i].hasRemaining()) {
                    return reads().read(buffers[i], processing(), getReadTimeout());
                }
            }
            return 0;
        }

        // ---- writing

        /** How much was taken in, which is everything; less than 0 when a thread of its own goes on. */
        private long write() throws IOException {
            writes().takeBack();
            if (!takeAhead()) {
                return goesOnElsewhere();
            }
            for (int i = offset; i < offset + length; i++) {
                if (!take(buffers[i])) {
                    return goesOnElsewhere();
                }
            }
            return leaves() ? bytes : goesOnElsewhere();
        }

        /**
         * What several streams write leaves together. Where there are none, who writes is told when the socket has it
         * all: until then the message of a WebSocket is on its way, and its sender waits as long as it likes.
         *
         * @return false when this thread would have to wait for room, and must not
         */
        private boolean leaves() throws IOException {
            if (streams != null) {
                writes().leaveToBatch();
                return true;
            }
            if (!mayWait()) {
                return writes().tryFlush();
            }
            writes().flush(getWriteTimeout());
            return true;
        }

        private long goesOnElsewhere() {
            inline = false;
            processing().fork(this);
            return -1;
        }

        /** What has to leave before this. */
        private boolean takeAhead() throws IOException {
            Http2Streams open = streams;
            if (open != null && !begun && length > 0) {
                byte[] frames = open.before(buffers[offset]);
                ahead = frames == null ? null : ByteBuffer.wrap(frames);
            }
            begun = true;
            ByteBuffer before = ahead;
            return before == null || take(before);
        }

        /** All of {@code from}; false when this thread would have to wait for room, and must not. */
        private boolean take(ByteBuffer from) throws IOException {
            while (!writes().tryTake(from)) {
                if (!mayWait()) {
                    return false;
                }
                writes().awaitRoom(getWriteTimeout());
            }
            return true;
        }
    }
}
