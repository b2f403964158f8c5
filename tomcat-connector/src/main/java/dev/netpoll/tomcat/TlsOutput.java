// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * The one way out of a TLS connection: makes records of whatever is sent, of whichever thread, and sends them in
 * the order in which they were made.
 *
 * <pre>
 * records   null → borrowed   a record is made
 * records   borrowed → null   the socket has taken the last of them
 * </pre>
 *
 * <p>Application data comes from the connection's writer; answers of the protocol (a KeyUpdate, an alert) from its
 * reader; close_notify from any thread. A carrier makes no records, since JSSE takes locks that a virtual thread may
 * hold: it only sends those that are made.
 */
final class TlsOutput {

    private static final Log LOG = LogFactory.getLog(TlsOutput.class);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final NetpollConnection connection;

    /** Taken before the locks of JSSE, never after them. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Set once, when the ClientHello is known. Under the lock. */
    private @Nullable SSLEngine engine;

    /** Ready to be sent. Under the lock. */
    private @Nullable ByteBuffer records;

    /** Nothing follows what is in {@link #records}. Under the lock. */
    private boolean ended;

    TlsOutput(NetpollConnection connection) {
        this.connection = connection;
    }

    void engine(SSLEngine made) {
        lock.lock();
        try {
            engine = made;
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ByteStream#tryWrite}. */
    boolean tryWrite(ByteBuffer from) throws IOException {
        lock.lock();
        try {
            while (send()) {
                if (!from.hasRemaining()) {
                    return true;
                }
                wrap(from);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Makes a record of {@code from}; false when that was not all, or others have to leave before it. */
    boolean prepare(ByteBuffer from) throws IOException {
        lock.lock();
        try {
            if (records == null) {
                wrap(from);
            }
            return !from.hasRemaining();
        } finally {
            lock.unlock();
        }
    }

    boolean tryFlush() throws IOException {
        lock.lock();
        try {
            return send();
        } finally {
            lock.unlock();
        }
    }

    /** Whatever holds the lock meanwhile sends what is here before it leaves, but may find the socket full. */
    boolean tryFlushOnCarrier() throws IOException {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            return send();
        } finally {
            lock.unlock();
        }
    }

    boolean isFlushed() {
        lock.lock();
        try {
            return records == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes and sends what the protocol itself has to say. While others' records wait for room, the socket is their
     * writer's, and it is made with the writer's next.
     */
    void answer() throws IOException {
        lock.lock();
        try {
            if (records == null) {
                wrap(NOTHING.duplicate());
                send();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Does what a handshake that the client has begun asks of this side, until it is the client's turn. What is made leaves
     * at once, unless others' records wait for room: then it leaves behind them, with their writer.
     *
     * @throws IOException when it has failed, or the socket does not take it
     */
    void goOn() throws IOException {
        lock.lock();
        try {
            boolean free = records == null;
            while (makesProgress()) {
                // by one task or one record
            }
            if (free && !send()) {
                throw new SSLException("The client renegotiates, and does not read");
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean makesProgress() throws IOException {
        SSLEngine open = Objects.requireNonNull(engine);
        switch (open.getHandshakeStatus()) {
            case NEED_TASK -> TlsTasks.run(open);
            case NEED_WRAP -> addHandshake();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {
                return false;
            }
        }
        return true;
    }

    /** Makes a record of the handshake, behind those that are made: a flight leaves in one send. */
    void addHandshake() throws IOException {
        lock.lock();
        try {
            SSLEngineResult result = wrap(NOTHING.duplicate());
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new SSLException("TLS has ended within its handshake");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends {@code text} as it is, to a client that speaks no TLS. */
    void sendPlain(byte[] text) throws IOException {
        connection.tryWrite(ByteBuffer.wrap(text));
    }

    /** Nothing more is said: the client has left before TLS was agreed upon. */
    void endUnsaid() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Sends the alert that is due, or close_notify, if the socket takes it. Any thread. */
    void end() {
        lock.lock();
        try {
            SSLEngine open = engine;
            if (open != null && !ended) {
                ended = true;
                open.closeOutbound();
                // What is half sent stays in front; no room for more means that nobody reads. Not
                // until
                // the engine says that it has ended: OpenSSL's does so before the last of it is
                // made.
                boolean more = true;
                while (send() && more) {
                    more = wrap(NOTHING.duplicate()).bytesProduced() > 0;
                }
            }
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client did not wait for the end of TLS", e);
        } finally {
            lock.unlock();
        }
    }

    // ---- under the lock -------------------------------------------------------------------------

    /** True when nothing is left. */
    private boolean send() throws IOException {
        ByteBuffer made = records;
        if (made == null) {
            return true;
        }
        connection.tryWrite(made);
        if (made.hasRemaining()) {
            return false;
        }
        records = null;
        connection.engine().giveBack(made);
        return true;
    }

    private SSLEngineResult wrap(ByteBuffer from) throws IOException {
        SSLEngine open = engine;
        if (open == null) {
            throw new SSLException("There has been no handshake");
        }
        ByteBuffer to =
                records == null ? connection.engine().borrowRecordBuffer() : records.compact();
        records = to;
        SSLEngineResult result;
        try {
            result = open.wrap(from, to);
            while (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
                to = grow(to, open.getSession().getPacketBufferSize());
                records = to;
                result = open.wrap(from, to);
            }
        } finally {
            settle(to);
        }
        if (result.getStatus() == SSLEngineResult.Status.CLOSED && from.hasRemaining()) {
            throw new SSLException("TLS is closed for writing");
        }
        boolean idle = result.bytesConsumed() + result.bytesProduced() == 0;
        if (from.hasRemaining()
                && idle
                && result.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
            throw new SSLException("TLS takes nothing within a handshake");
        }
        TlsTasks.runIf(result.getHandshakeStatus(), open);
        return result;
    }

    private void settle(ByteBuffer filled) {
        if (filled.flip().hasRemaining()) {
            records = filled;
        } else {
            records = null;
            connection.engine().giveBack(filled);
        }
    }

    private ByteBuffer grow(ByteBuffer full, int more) {
        int room = Math.max(full.position() + more, 2 * more); // a flight has several
        ByteBuffer larger = ByteBuffer.allocate(room).put(full.flip());
        connection.engine().giveBack(full);
        return larger;
    }
}
