// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * The bytes of a connection behind TLS. {@link TlsInput} holds what has come, {@link TlsOutput} what is to leave,
 * {@link TlsHandshake} begins it.
 *
 * <pre>
 * what comes in: state → state   moved by
 * NEW       → OPEN        the handshake, when both sides have finished
 * NEW       → FAILED      the handshake: no TLS, nothing in common, its time over, the client gone
 * OPEN      → NOTIFIED    the reader: close_notify. Reads find the end; in TLS 1.3 what is written still leaves
 * OPEN      → TRUNCATED   the reader: FIN without close_notify. Reads fail; the client has left
 * OPEN      → FAILED      the reader: a record that is none, an alert, a second handshake that the client begins
 * OPEN      → OPEN        a handshake for the client's certificate (TLS 1.2), on the request's thread; one that the client
 *                         begins (TLS 1.2, once), by the reader, record by record
 * </pre>
 *
 * <p>{@link #endOutput} is possible in each: close_notify after a handshake, the alert that is due after a failure,
 * nothing before.
 *
 * <p>An event of the socket tells of records, not of plaintext. So whatever waits for bytes reads until there is
 * nothing now, or asks {@link #holdsUnread} first.
 */
final class TlsStream implements ByteStream {

    enum State {
        NEW,
        OPEN,
        NOTIFIED,
        TRUNCATED,
        FAILED
    }

    /** The first version whose later handshakes are no renegotiations, and whose ends are two. */
    private static final String TLS_1_3 = "TLSv1.3";

    private final NetpollConnection connection;
    private final TlsInput input;
    private final TlsOutput output;

    /** Held while records are received and decrypted, not while more are waited for. */
    private final ReentrantLock reading = new ReentrantLock();

    /** Written under the lock. */
    private volatile State state = State.NEW;

    /** Null until the client has said what it wants. Written by the handshake. */
    private volatile @Nullable SSLEngine engine;

    /** A handshake that the client has begun goes on (TLS 1.2). Under the lock. */
    private boolean renegotiates;

    /** The client has begun one. Under the lock. */
    private boolean renegotiated;

    /** What the client has asked for, as Tomcat's request attributes name it. Written before the engine. */
    private Map<String, List<String>> asked = Map.of();

    TlsStream(NetpollConnection connection) {
        this.connection = connection;
        this.input = new TlsInput(connection);
        this.output = new TlsOutput(connection);
    }

    /** Begins with what has come already. Before the handshake. */
    void begin(ByteBuffer received) {
        input.begin(received);
    }

    /** Any thread. */
    State state() {
        return state;
    }

    /** What was agreed upon; null before. Any thread. */
    @Nullable SSLSession session() {
        SSLEngine made = engine;
        return made == null || state == State.NEW ? null : made.getSession();
    }

    // ---- handshakes -----------------------------------------------------------------------------

    /**
     * Has the handshake, and takes {@code timeoutMillis} for it at most. On the connection's virtual thread.
     *
     * @throws IOException when it has failed; the alert that is due leaves with {@link #endOutput}
     */
    void handshake(NetpollSocketWrapper wrapper, NetpollTomcatEndpoint endpoint)
            throws IOException {
        TlsHandshake handshake = new TlsHandshake(connection, input, output);
        reading.lock();
        try {
            handshake.begin(endpoint.getConnectionTimeout());
            TLSClientHelloExtractor hello = handshake.readHello(endpoint.getSniParseLimit());
            SSLEngine made = TlsEngines.engineFor(hello, wrapper, endpoint);
            asked = TlsEngines.attributes(hello);
            engine = made;
            output.engine(made);
            made.beginHandshake();
            handshake.negotiate(made);
            handshake.end();
            TlsEngines.agree(made, wrapper, endpoint);
            state = State.OPEN;
        } catch (EOFException | SocketTimeoutException e) {
            output.endUnsaid(); // JSSE would say that the user has cancelled
            throw e;
        } finally {
            if (state == State.NEW) {
                state = State.FAILED;
            }
            reading.unlock();
        }
    }

    /**
     * Asks for the client's certificate by another handshake, or after it: of TLS 1.3 the JDK has neither.
     *
     * @throws IOException when it has failed: the connection ends
     */
    void askForCertificate(long timeoutMillis) throws IOException {
        SSLEngine open = Objects.requireNonNull(engine);
        if (open.getNeedClientAuth()) {
            return;
        }
        if (isTls13(open) && !TlsEngines.isOpenSsl(open)) {
            throw new SSLException(
                    "TLS 1.3 of the JDK asks for a certificate in its first handshake only");
        }
        TlsHandshake handshake = new TlsHandshake(connection, input, output);
        reading.lock();
        try {
            open.setNeedClientAuth(true);
            handshake.begin(timeoutMillis);
            open.beginHandshake();
            handshake.negotiate(open);
            handshake.end();
        } catch (IOException e) {
            state = State.FAILED;
            throw e;
        } finally {
            reading.unlock();
        }
    }

    /** Tomcat's view of its session as it is now. After the handshake. */
    SSLSupport support(NetpollTomcatEndpoint endpoint) {
        return endpoint.getSslImplementation()
                .getSSLSupport(Objects.requireNonNull(session()), asked);
    }

    private static boolean isTls13(SSLEngine open) {
        return TlsEngines.version(open.getSession()).equals(TLS_1_3);
    }

    // ---- reading --------------------------------------------------------------------------------

    @Override
    public int tryRead(ByteBuffer to) throws IOException {
        return read(to, false);
    }

    @Override
    public int readReady(ByteBuffer to) throws IOException {
        return read(to, true);
    }

    private int read(ByteBuffer to, boolean waited) throws IOException {
        reading.lock();
        try {
            int n = input.takePlain(to);
            while (n == 0 && to.hasRemaining()) {
                n = decrypt(to);
                if (n != 0) {
                    return n;
                }
                int received = input.receive(waited);
                if (received < 0) {
                    state = State.TRUNCATED;
                    throw new EOFException("The client has closed the connection, but not TLS");
                }
                if (received == 0) {
                    return 0;
                }
            }
            return n;
        } finally {
            reading.unlock();
        }
    }

    /** What comes of the records that are here: bytes, 0 when more have to come, -1 at the end. */
    private int decrypt(ByteBuffer to) throws IOException {
        SSLEngine open = Objects.requireNonNull(engine);
        while (true) {
            if (state != State.OPEN) {
                return atTheEnd();
            }
            int before = to.position();
            SSLEngineResult result = unwrap(open, to);
            int n = to.position() - before + input.takePlain(to);
            if (result.getStatus() == Status.CLOSED) {
                state = State.NOTIFIED;
                answer(result.getHandshakeStatus());
            } else {
                goOn(open, result.getHandshakeStatus());
            }
            if (n > 0 || result.getStatus() == Status.BUFFER_UNDERFLOW) {
                return n;
            }
        }
    }

    private int atTheEnd() throws SSLException {
        if (state == State.NOTIFIED) {
            return -1;
        }
        throw new SSLException("TLS has failed");
    }

    private SSLEngineResult unwrap(SSLEngine open, ByteBuffer to) throws IOException {
        try {
            return input.unwrap(open, to);
        } catch (SSLException e) {
            state = State.FAILED;
            output.end(); // the alert
            throw e;
        }
    }

    /** After a record: it may have been one of the protocol's own, which is answered. */
    private void goOn(SSLEngine open, HandshakeStatus next) throws IOException {
        if (next == HandshakeStatus.NOT_HANDSHAKING || next == HandshakeStatus.FINISHED) {
            renegotiates = false;
            return;
        }
        if (isTls13(open)) {
            TlsTasks.runIf(next, open);
            answer(open.getHandshakeStatus());
        } else {
            renegotiate(open);
        }
    }

    /**
     * Goes on with a handshake that the client has begun: bytes may come in between, and a read does not wait for its end.
     * One for each connection: with any number of them a client would have the server compute for a record each.
     */
    private void renegotiate(SSLEngine open) throws IOException {
        if (!renegotiates && renegotiated) {
            state = State.FAILED;
            output.end();
            throw new SSLException("The client may not renegotiate again");
        }
        renegotiated = true;
        try {
            output.goOn();
        } catch (IOException e) {
            state = State.FAILED;
            throw e;
        }
        renegotiates = open.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    private void answer(HandshakeStatus next) throws IOException {
        if (next == HandshakeStatus.NEED_WRAP) {
            output.answer();
        }
    }

    @Override
    public boolean holdsUnread() {
        reading.lock();
        try {
            return state == State.OPEN && input.isReady();
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void rest() {
        reading.lock();
        try {
            input.rest();
        } finally {
            reading.unlock();
        }
    }

    /** False also while a thread reads: it finds out for itself. */
    @Override
    public boolean endsUnannounced() {
        if (!reading.tryLock()) {
            return false;
        }
        try {
            return switch (state) {
                case OPEN -> !input.isReady() && connection.available() == 0;
                case TRUNCATED, FAILED -> true;
                case NEW, NOTIFIED -> false;
            };
        } catch (IOException closed) {
            return true;
        } finally {
            reading.unlock();
        }
    }

    // ---- writing --------------------------------------------------------------------------------

    @Override
    public boolean tryWrite(ByteBuffer from) throws IOException {
        return output.tryWrite(from);
    }

    @Override
    public boolean prepare(ByteBuffer put) throws IOException {
        put.flip();
        try {
            return output.prepare(put);
        } finally {
            put.compact();
        }
    }

    @Override
    public boolean sendsOnCarrier() {
        return false;
    }

    @Override
    public boolean tryFlush() throws IOException {
        return output.tryFlush();
    }

    @Override
    public boolean tryFlushOnCarrier() throws IOException {
        return output.tryFlushOnCarrier();
    }

    @Override
    public boolean isFlushed() {
        return output.isFlushed();
    }

    @Override
    public void endOutput() {
        output.end();
    }
}
