// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.PollResult;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * Reads what a proxy says of its client before anything else comes, TLS included. On the connection's virtual thread, which it
 * parks until the header is whole or its time is over.
 */
final class ProxyPreamble {

    /** Most headers come with nothing behind them. */
    private static final int READ_BYTES = 1024;

    private final NetpollConnection connection;
    private final long deadline;
    private final ProxyHeader header = new ProxyHeader();

    ProxyPreamble(NetpollConnection connection, int timeoutMillis) {
        this.connection = connection;
        this.deadline = Timeouts.deadline(connection, timeoutMillis);
    }

    /**
     * Reads it.
     *
     * @return what came behind it, ready to be read
     * @throws ProtocolException when it is no such header
     * @throws SocketTimeoutException when it has not come in time
     * @throws EOFException when the proxy has left without a word
     */
    ByteBuffer read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
        connection.renewReadDeadline(deadline);
        receive(bytes, connection.tryRead(bytes));
        while (!header.take(bytes.flip())) {
            bytes.clear();
            receive(bytes, connection.tryRead(bytes));
        }
        connection.renewReadDeadline(NetpollConnection.NO_DEADLINE);
        return bytes;
    }

    /** Waits until {@code n} or what is read next is more than nothing. */
    private void receive(ByteBuffer bytes, int first) throws IOException {
        int n = first;
        while (n == 0) {
            PollResult waited = connection.awaitReadableUninterruptibly();
            if (waited == PollResult.DEADLINE_EXCEEDED) {
                throw new SocketTimeoutException("PROXY header timed out");
            }
            if (waited == PollResult.CLOSING) {
                throw new ClosedChannelException();
            }
            n = connection.readReady(bytes);
        }
        if (n < 0) {
            throw header.isEmpty()
                    ? new EOFException("The proxy has left without a word")
                    : new ProtocolException("The proxy has left within its PROXY header");
        }
    }

    /** The client; null where the proxy speaks for itself. After {@link #read}. */
    @Nullable InetSocketAddress client() {
        return header.source();
    }
}
