// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.PollResult;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * The writing side of a connection: gathers a response in a borrowed buffer and sends it.
 *
 * <pre>
 * pending    null → borrowed → null     the first byte borrows it, a flush gives it back
 * overflow   null → some → null         non-blocking only: what neither pending nor the socket took
 * </pre>
 *
 * <p>So an idle connection, and a parked handler that has flushed, hold nothing. One writer at a time.
 *
 * <p>The last flush of a response may be left to the loop, which sends it with its neighbours' at the
 * end of the batch; a {@link DeferredSend} tells whose the bytes are until then.
 */
final class WriteQueue implements Runnable {

    private static final Log LOG = LogFactory.getLog(WriteQueue.class);

    /** Where a status line has its status. */
    private static final int STATUS_AT = 9;

    /** Told of what only the queue finds out. On the writer's thread, where nothing else is said. */
    interface Observer {

        /** The socket takes no more for now: the thread waits for at most so long; any time for 0. */
        void writeWaits(long timeoutMillis);

        /** No room came in time. */
        void writeExpired();
    }

    /** Sends what the loop could not. */
    interface Rest {

        /** The loop could not send all that was left to it. On its carrier: must not block. */
        void deferredSendStuck();

        /** As {@link #deferredSendStuck}, of what operations have written; any thread. */
        void batchStuck();
    }

    private final NetpollConnection connection;
    private final ByteStream stream;
    private final ResponseGate gate;
    private final Observer observer;
    private final Rest rest;
    private final DeferredSend deferred = new DeferredSend();

    /** Nanoseconds. Writer only. */
    private long waited;

    /** In the state for putting. Writer only. */
    private @Nullable ByteBuffer pending;

    /** {@link #pending} begins with the end of a response that was left to the loop. Writer only. */
    private boolean owed;

    /** {@link #pending} is an interim response, some of which may have left. Writer only. */
    private boolean interim;

    /** Each ready to be read. Writer only. */
    private @Nullable ArrayDeque<ByteBuffer> overflow;

    /** What is left to the loop may be taken back and added to. Written by the writer before it leaves it. */
    private boolean batched;

    /** A batch will come to its end and {@link #run} this. Set by the writer, cleared by the carrier. */
    private volatile boolean queued;

    WriteQueue(
            NetpollConnection connection,
            ByteStream stream,
            ResponseGate gate,
            Observer observer,
            Rest rest) {
        this.connection = connection;
        this.stream = stream;
        this.gate = gate;
        this.observer = observer;
        this.rest = rest;
    }

    /** How many nanoseconds threads have waited here for room. */
    long waited() {
        return waited;
    }

    /** Whether the writer has nothing left to send; what is left to the loop is no longer its own. */
    boolean isEmpty() {
        return !deferred.isNone() || (pending == null && overflow == null && stream.isFlushed());
    }

    /** Whether a non-blocking write would not have to be kept aside. */
    boolean hasRoom() {
        if (!deferred.isNone()) {
            return true; // a write will take it back first
        }
        ByteBuffer buffer = pending;
        return overflow == null && (buffer == null || buffer.hasRemaining());
    }

    // ---- blocking -------------------------------------------------------------------------------

    /** Takes in all of {@code from}, waiting for the socket whenever the buffer is full. */
    void add(ByteBuffer from, long timeoutMillis) throws IOException {
        settle(timeoutMillis);
        while (from.hasRemaining()) {
            ByteBuffer buffer = pending();
            transfer(from, buffer);
            if (!buffer.hasRemaining()) {
                flush(timeoutMillis);
            }
        }
    }

    /** Sends everything, waiting at most {@code timeoutMillis} each time nothing moves. */
    void flush(long timeoutMillis) throws IOException {
        while (!tryFlush()) {
            awaitRoom(timeoutMillis);
        }
    }

    /** Parks until the socket takes more. */
    void awaitRoom(long timeoutMillis) throws IOException {
        connection.setWriteDeadline(Timeouts.deadline(connection, timeoutMillis));
        observer.writeWaits(timeoutMillis);
        long began = connection.engine().ticker().nanoTime();
        try {
            // The response goes out whatever becomes of its handler's thread.
            PollResult result = connection.awaitWritableUninterruptibly();
            if (result == PollResult.DEADLINE_EXCEEDED) {
                observer.writeExpired();
                throw new SocketTimeoutException("write timed out");
            }
            if (result == PollResult.CLOSING) {
                throw new ClosedChannelException();
            }
            connection.setWriteDeadline(NetpollConnection.NO_DEADLINE);
        } finally {
            waited += connection.engine().ticker().nanoTime() - began;
        }
    }

    // ---- non-blocking ---------------------------------------------------------------------------

    /** Takes in all of {@code from} without waiting. */
    void tryAdd(ByteBuffer from) throws IOException {
        reclaim();
        while (from.hasRemaining()) {
            if (overflow != null || (pending != null && !pending.hasRemaining() && !tryFlush())) {
                keepAside(from);
                return;
            }
            transfer(from, pending());
        }
    }

    private void keepAside(ByteBuffer from) {
        ArrayDeque<ByteBuffer> aside = overflow;
        if (aside == null) {
            aside = new ArrayDeque<>();
            overflow = aside;
        }
        aside.addLast(ByteBuffer.allocate(from.remaining()).put(from).flip());
    }

    /** Sends what the socket takes; true when that was everything. */
    boolean tryFlush() throws IOException {
        reclaim();
        ByteBuffer buffer = pending;
        if (buffer == null) {
            return tryFlushOverflow();
        }
        interim |= gate.isOpen() && isInterim(buffer);
        enterGate();
        boolean sent = trySend();
        if (sent && interim) {
            // Not before all of it has left: the connector's answer must not split it.
            interim = false;
            gate.begin();
        }
        return sent;
    }

    private void enterGate() throws ClosedChannelException {
        if (!gate.enter()) {
            throw new ClosedChannelException();
        }
    }

    private boolean trySend() throws IOException {
        ByteBuffer buffer = pending;
        if (buffer != null) {
            buffer.flip();
            try {
                stream.tryWrite(buffer);
            } finally {
                buffer.compact();
            }
            if (!giveBackSent(buffer)) {
                return false;
            }
        }
        return tryFlushOverflow();
    }

    /** {@link #pending}, if nothing is left of it. */
    private boolean giveBackSent(ByteBuffer buffer) {
        if (buffer.position() > 0) {
            return false;
        }
        pending = null;
        NetpollEngine engine = connection.engine();
        engine.giveBack(buffer);
        return true;
    }

    private boolean tryFlushOverflow() throws IOException {
        ArrayDeque<ByteBuffer> aside = overflow;
        while (aside != null && !aside.isEmpty()) {
            ByteBuffer first = aside.getFirst();
            stream.tryWrite(first);
            if (first.hasRemaining()) {
                return false;
            }
            aside.removeFirst();
        }
        overflow = null;
        boolean sent = stream.tryFlush();
        owed &= !sent;
        return sent;
    }

    // ---- left to the loop -----------------------------------------------------------------------

    /**
     * As {@link #flush}, for the end of a response: what it is now decided to be leaves at the end of
     * the loop's batch, or at once where there is none.
     */
    void flushLast(long timeoutMillis) throws IOException {
        reclaim();
        ByteBuffer buffer = pending;
        if (buffer == null || overflow != null) {
            flush(timeoutMillis);
            return;
        }
        enterGate();
        owed = true;
        batched = false;
        boolean prepared = stream.prepare(buffer);
        giveBackSent(buffer);
        if (!prepared) {
            flush(timeoutMillis);
            return;
        }
        deferred.announce();
        if (!NetpollConnection.atBatchEnd(this) && deferred.retract()) {
            flush(timeoutMillis);
        }
    }

    /**
     * Leaves what was taken in to the end of the loop's batch, from where {@link #takeBack} has it again: so what
     * several operations write is one send. Never waits.
     */
    void leaveToBatch() throws IOException {
        if (overflow != null || (pending == null && stream.isFlushed())) {
            sendOrTell();
            return;
        }
        enterGate();
        batched = true;
        deferred.announce();
        if (queued) {
            return;
        }
        queued = true;
        if (!NetpollConnection.atBatchEnd(this)) {
            queued = false;
            if (deferred.retract()) {
                sendOrTell();
            }
        }
    }

    private void sendOrTell() throws IOException {
        if (!tryFlush()) {
            rest.batchStuck();
        }
    }

    /** Takes back what was left to the loop, unsent. Writer. */
    void takeBack() {
        if (deferred.takeOrAwait()) {
            deferred.done();
        }
    }

    /** Takes in all of {@code from}; false when neither the buffer nor the socket has room. After {@link #takeBack}. */
    boolean tryTake(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            boolean full = overflow != null || !pending().hasRemaining();
            if (full && !tryFlush() && (overflow != null || !pending().hasRemaining())) {
                return false;
            }
            transfer(from, pending());
        }
        return true;
    }

    /** Before a close in good order: waits until the socket has taken what was left to the loop. */
    void settle(long timeoutMillis) throws IOException {
        reclaim();
        if (owed) {
            flush(timeoutMillis);
        }
    }

    /** The end of the batch has come. On a carrier. */
    @Override
    public void run() {
        queued = false;
        if (deferred.isNone()) {
            return; // taken back; else how it was left is seen from here on
        }
        if (batched && !stream.sendsOnCarrier()) {
            rest.batchStuck();
            return;
        }
        if (deferred.tryTake()) {
            boolean sent = false;
            try {
                sent = sendOnCarrier();
            } catch (IOException | RuntimeException e) {
                LOG.debug("The client did not wait for the end of its response", e);
            } finally {
                deferred.done();
            }
            if (!sent) {
                tellStuck();
            }
        }
    }

    private void tellStuck() {
        if (batched) {
            rest.batchStuck();
        } else {
            rest.deferredSendStuck();
        }
    }

    private boolean sendOnCarrier() throws IOException {
        if (pending != null) {
            return trySend();
        }
        boolean sent = stream.tryFlushOnCarrier();
        owed &= !sent;
        return sent;
    }

    /** Takes back what was left to the loop and sends what the socket takes of it. Any thread. */
    void reclaim() throws IOException {
        if (deferred.takeOrAwait()) {
            try {
                var _ = trySend();
            } finally {
                deferred.done();
            }
        }
    }

    /** "HTTP/1.1 100", which announces a final response and is none. */
    private static boolean isInterim(ByteBuffer put) {
        return put.position() > STATUS_AT
                && put.get(0) == 'H'
                && put.get(STATUS_AT - 5) == '/'
                && put.get(STATUS_AT) == '1'
                && put.get(STATUS_AT - 1) == ' ';
    }

    private ByteBuffer pending() {
        ByteBuffer buffer = pending;
        if (buffer == null) {
            buffer = connection.engine().borrowBuffer();
            pending = buffer;
        }
        return buffer;
    }

    /** Moves what fits; answers how much that was. */
    static int transfer(ByteBuffer from, ByteBuffer to) {
        int n = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), n);
        to.position(to.position() + n);
        from.position(from.position() + n);
        return n;
    }
}
