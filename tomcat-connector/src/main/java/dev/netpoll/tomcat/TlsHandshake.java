// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * A handshake of TLS, from the server's side: reads, computes and writes until both have finished, or until its time
 * is over. On the connection's virtual thread, which it parks while the client has the next word.
 */
final class TlsHandshake {

    private static final Log LOG = LogFactory.getLog(TlsHandshake.class);

    private static final ByteBuffer NO_PLAINTEXT = ByteBuffer.allocate(0);

    /** As long as computing may take on a loaded machine without the client's time being longer for it. */
    private static final long SHORT_NANOS = 1_000_000;

    private final NetpollConnection connection;
    private final TlsInput input;
    private final TlsOutput output;

    /** When the client's time is over, by the engine's ticker. */
    private long deadline = NetpollConnection.NO_DEADLINE;

    TlsHandshake(NetpollConnection connection, TlsInput input, TlsOutput output) {
        this.connection = connection;
        this.input = input;
        this.output = output;
    }

    /** From here to {@link #end} the client has {@code timeoutMillis} for all that is its part; any time for 0. */
    void begin(long timeoutMillis) {
        endsAt(Timeouts.deadline(connection, timeoutMillis));
    }

    void end() {
        endsAt(NetpollConnection.NO_DEADLINE);
    }

    private void endsAt(long nanoTime) {
        deadline = nanoTime;
        connection.renewReadDeadline(nanoTime);
        connection.setWriteDeadline(nanoTime);
    }

    /** What has been done since {@code began} was the server's part: it may have asked others about a certificate. */
    private void leaveOut(long began) {
        long took = now() - began;
        if (took >= SHORT_NANOS && deadline != NetpollConnection.NO_DEADLINE) {
            endsAt(deadline + took);
        }
    }

    private long now() {
        return connection.engine().ticker().nanoTime();
    }

    /**
     * Reads the client's first message, which stays unread for the engine that is made by it.
     *
     * @param most a longer one is not read to its end
     * @throws SSLException when the client speaks plain HTTP; it has been told
     */
    TLSClientHelloExtractor readHello(int most) throws IOException {
        boolean more = input.received() == 0; // a PROXY header may have had the first of it in tow
        while (true) {
            if (more) {
                receive();
            }
            more = true;
            var hello = new TLSClientHelloExtractor(input.firstFlight());
            switch (hello.getResult()) {
                case COMPLETE, NOT_PRESENT -> {
                    return hello;
                }
                case UNDERFLOW -> {
                    if (input.received() >= most) {
                        return hello;
                    }
                }
                case NON_SECURE -> {
                    output.sendPlain(TLSClientHelloExtractor.USE_TLS_RESPONSE);
                    throw new SSLException("The client speaks plain HTTP");
                }
                case NEED_READ -> {}
            }
        }
    }

    /** Goes on until neither has anything to say. */
    void negotiate(SSLEngine engine) throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    long began = now();
                    TlsTasks.run(engine);
                    leaveOut(began);
                }
                case NEED_WRAP -> output.addHandshake();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    flush();
                    unwrap(engine);
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    flushLast();
                    return;
                }
            }
        }
    }

    private void unwrap(SSLEngine engine) throws IOException {
        long began = now();
        Status status = input.unwrap(engine, NO_PLAINTEXT.duplicate()).getStatus();
        leaveOut(began); // OpenSSL has no tasks
        switch (status) {
            case OK -> {}
            case BUFFER_UNDERFLOW -> receive();
            case CLOSED -> throw new SSLException("The client has closed TLS within its handshake");
            case BUFFER_OVERFLOW -> throw new AssertionError("unwrap keeps it aside");
        }
    }

    private void receive() throws IOException {
        int n = input.receive(false);
        while (n == 0) {
            requireReady(connection.awaitReadableUninterruptibly());
            n = input.receive(true);
        }
        if (n < 0) {
            throw new EOFException("The client has left within the TLS handshake");
        }
    }

    private void flush() throws IOException {
        while (!output.tryFlush()) {
            requireReady(connection.awaitWritableUninterruptibly());
        }
    }

    /** A client that has reset meanwhile may have sent a request before, which is served as without TLS. */
    private void flushLast() throws IOException {
        try {
            flush();
        } catch (KernelException e) {
            LOG.debug("The client did not wait for the end of the handshake", e);
        }
    }

    private static void requireReady(PollResult waited) throws IOException {
        if (waited == PollResult.DEADLINE_EXCEEDED) {
            throw new SocketTimeoutException("TLS handshake timed out");
        }
        if (waited == PollResult.CLOSING) {
            throw new ClosedChannelException();
        }
    }
}
