// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;

/** What an exchange does with its socket, whatever lies above it. One thread. */
abstract sealed class SocketExchange implements Exchange permits PlainExchange, TlsExchange {

    private final Socket wire;

    /** A write failed: the server had closed with bytes unread, or TLS. */
    private boolean refused;

    SocketExchange(Socket wire) {
        this.wire = wire;
    }

    /** Where the requests go and the responses come from. */
    abstract Socket socket();

    /** Ends this side in good order, or in the manner of the case. */
    abstract void halfClose();

    /** How the server's side ended, after its last byte. */
    abstract End afterTheLast() throws IOException;

    /** What {@code failure} of a read says of the server's end. */
    abstract End endBy(IOException failure);

    interface Attempt {
        void run() throws IOException;
    }

    /** Quietly nothing, once the server takes no more. */
    final void attempt(Attempt write) {
        if (!refused) {
            try {
                write.run();
            } catch (IOException e) {
                refused = true;
            }
        }
    }

    @Override
    public final void write(byte[] piece) {
        attempt(() -> socket().getOutputStream().write(piece));
    }

    @Override
    public final void end(Case.Ending ending) throws IOException {
        switch (ending) {
            case WAIT -> {}
            case HALF_CLOSE -> halfClose();
            case RESET -> {
                wire.setOption(StandardSocketOptions.SO_LINGER, 0);
                wire.close();
            }
        }
    }

    @Override
    public final Outcome outcome() {
        if (wire.isClosed()) {
            return new Outcome("", End.RST);
        }
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        End end = readInto(received);
        return new Outcome(received.toString(StandardCharsets.ISO_8859_1), refused ? End.RST : end);
    }

    private End readInto(ByteArrayOutputStream received) {
        byte[] block = new byte[8192];
        try {
            InputStream input = socket().getInputStream();
            for (int n = input.read(block); n >= 0; n = input.read(block)) {
                received.write(block, 0, n);
            }
            return afterTheLast();
        } catch (SocketTimeoutException e) {
            return End.OPEN;
        } catch (IOException e) {
            return endBy(e);
        }
    }

    @Override
    public final void close() throws IOException {
        wire.close();
    }
}
