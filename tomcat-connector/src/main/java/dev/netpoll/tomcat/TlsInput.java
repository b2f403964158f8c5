// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * What has been received of a TLS connection and not been read: records as they came, and plaintext that was more
 * than its reader had room for.
 *
 * <pre>
 * records   null → borrowed    something is received
 * records   borrowed → larger  a record is longer than most
 * records   borrowed → copy    half a record is left, and its connection rests
 * records   any → null         the last of them is decrypted
 * plain     null → borrowed    a record carries more than its reader has room for
 * plain     borrowed → null    the last of it is read
 * </pre>
 *
 * <p>So a connection that rests holds no buffer, but for half a record that its client has sent. Under its stream's
 * lock.
 */
final class TlsInput {

    private static final int HEADER_BYTES = 5;
    private static final int LENGTH_AT = 3;

    private final NetpollConnection connection;

    /** Ready to be decrypted. */
    private @Nullable ByteBuffer records;

    /** Ready to be read. */
    private @Nullable ByteBuffer plain;

    TlsInput(NetpollConnection connection) {
        this.connection = connection;
    }

    // ---- records --------------------------------------------------------------------------------

    /**
     * Receives what the socket has: bytes, 0 for nothing now, -1 at the end of the stream.
     *
     * @param waited a wait has found the socket readable: see {@link ByteStream#readReady}
     */
    int receive(boolean waited) throws IOException {
        ByteBuffer to = room();
        try {
            return waited ? connection.readReady(to) : connection.tryRead(to);
        } finally {
            keep(to.flip());
        }
    }

    /** Begins with what has come already. */
    void begin(ByteBuffer received) {
        if (received.hasRemaining()) {
            keep(room().put(received).flip());
        }
    }

    /** In the state for putting, behind what is there. */
    private ByteBuffer room() {
        ByteBuffer held = records;
        if (held == null) {
            return connection.engine().borrowRecordBuffer();
        }
        held.compact();
        return held.hasRemaining() ? held : larger(held.flip());
    }

    private ByteBuffer larger(ByteBuffer held) {
        ByteBuffer larger = connection.engine().borrowRecordBuffer();
        if (larger.capacity() <= held.remaining()) {
            connection.engine().giveBack(larger);
            larger = ByteBuffer.allocate(2 * held.remaining());
        }
        larger.put(held);
        connection.engine().giveBack(held);
        return larger;
    }

    private void keep(ByteBuffer held) {
        if (held.hasRemaining()) {
            records = held;
        } else {
            records = null;
            connection.engine().giveBack(held);
        }
    }

    /** How many bytes of records are here. */
    int received() {
        ByteBuffer held = records;
        return held == null ? 0 : held.remaining();
    }

    /** What has been received, as the reader of a ClientHello wants it: in the state for putting. */
    ByteBuffer firstFlight() {
        ByteBuffer held = records;
        if (held == null) {
            return ByteBuffer.allocate(0);
        }
        return held.duplicate().clear().position(held.limit());
    }

    /** Whether a whole record, or plaintext, is here. */
    boolean isReady() {
        ByteBuffer held = records;
        if (plain != null) {
            return true;
        }
        if (held == null || held.remaining() < HEADER_BYTES) {
            return false;
        }
        int length = held.getShort(held.position() + LENGTH_AT) & 0xFFFF;
        return held.remaining() >= HEADER_BYTES + length;
    }

    /** No thread reads until more comes: gives back what is not needed until then. */
    void rest() {
        ByteBuffer held = records;
        if (held != null && held.remaining() < held.capacity()) {
            records = ByteBuffer.allocate(held.remaining()).put(held).flip();
            connection.engine().giveBack(held);
        }
    }

    // ---- plaintext ------------------------------------------------------------------------------

    /** Moves what was decrypted before; 0 for nothing. */
    int takePlain(ByteBuffer to) {
        ByteBuffer held = plain;
        if (held == null) {
            return 0;
        }
        int n = WriteQueue.transfer(held, to);
        if (!held.hasRemaining()) {
            plain = null;
            connection.engine().giveBack(held);
        }
        return n;
    }

    /**
     * Decrypts one record, if a whole one is here; what {@code to} has no room for is kept as plaintext.
     *
     * @return the engine's result: UNDERFLOW when there is none, never OVERFLOW
     */
    SSLEngineResult unwrap(SSLEngine engine, ByteBuffer to) throws IOException {
        ByteBuffer held = records;
        ByteBuffer from = held == null ? ByteBuffer.allocate(0) : held;
        try {
            SSLEngineResult result = engine.unwrap(from, to);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                return unwrapAside(engine, from);
            }
            if (!to.hasRemaining() && TlsEngines.isOpenSsl(engine)) {
                drain(engine);
            }
            return result;
        } finally {
            if (held != null) {
                keep(held);
            }
        }
    }

    /** OpenSSL takes in all records at once, and keeps what there was no room for: nobody else would know of it. */
    private void drain(SSLEngine engine) throws IOException {
        if (plain == null) {
            unwrapAside(engine, ByteBuffer.allocate(0));
        }
    }

    private SSLEngineResult unwrapAside(SSLEngine engine, ByteBuffer from) throws IOException {
        if (plain != null) {
            throw new SSLException("More application data has come than a handshake waits for");
        }
        ByteBuffer aside = connection.engine().borrowRecordBuffer();
        SSLEngineResult result = engine.unwrap(from, aside);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            connection.engine().giveBack(aside);
            aside = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            result = engine.unwrap(from, aside);
        }
        aside.flip();
        if (aside.hasRemaining()) {
            plain = aside;
        } else {
            connection.engine().giveBack(aside);
        }
        return result;
    }
}
