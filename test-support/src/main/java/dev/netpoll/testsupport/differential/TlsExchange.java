// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** One case on one connection over TLS: each piece is a record. One thread. */
final class TlsExchange implements Exchange {

    private static final String HALF_RECORD = "\u0017\u0003\u0003\u0000\u0040" + "x".repeat(20);

    private static final String FORGED_RECORD = "\u0017\u0003\u0003\u0000\u0040" + "x".repeat(64);

    /** Fatal, internal_error. */
    private static final String PLAIN_ALERT = "\u0015\u0003\u0003\u0000\u0002\u0002\u0050";

    private final PiecesSocket wire;
    private final SSLSocket tls;
    private final TlsManner manner;

    /** A write failed: the server had closed with bytes unread, or TLS. */
    private boolean refused;

    private TlsExchange(PiecesSocket wire, SSLSocket tls, TlsManner manner) {
        this.wire = wire;
        this.tls = tls;
        this.manner = manner;
    }

    static TlsExchange open(int port, SSLContext context, TlsManner manner) throws IOException {
        PiecesSocket wire = PiecesSocket.open(port, manner.pieces());
        try {
            SSLSocket tls =
                    (SSLSocket)
                            context.getSocketFactory().createSocket(wire, "localhost", port, true);
            tls.setEnabledProtocols(new String[] {manner.protocol()});
            tls.startHandshake();
            return new TlsExchange(wire, tls, manner);
        } catch (IOException e) {
            wire.close();
            throw e;
        }
    }

    @Override
    public void write(byte[] piece) {
        attempt(() -> tls.getOutputStream().write(piece));
    }

    @Override
    public void end(Case.Ending ending) throws IOException {
        switch (ending) {
            case WAIT -> {}
            case HALF_CLOSE -> {
                attempt(this::writeTail);
                attempt(wire::shutdownOutput);
            }
            case RESET -> {
                wire.setOption(StandardSocketOptions.SO_LINGER, 0);
                wire.close();
            }
        }
    }

    private void writeTail() throws IOException {
        switch (manner.tail()) {
            case NONE -> {}
            case HALF_RECORD -> writeRaw(HALF_RECORD);
            case FORGED_RECORD -> writeRaw(FORGED_RECORD);
            case PLAIN_ALERT -> writeRaw(PLAIN_ALERT);
            case CLOSE_NOTIFY -> tls.shutdownOutput();
        }
    }

    private void writeRaw(String bytes) throws IOException {
        wire.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(Attempt write) {
        if (!refused) {
            try {
                write.run();
            } catch (IOException e) {
                refused = true;
            }
        }
    }

    @Override
    public Outcome outcome() {
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
            for (int n = tls.getInputStream().read(block);
                    n >= 0;
                    n = tls.getInputStream().read(block)) {
                received.write(block, 0, n);
            }
            return endOfWire();
        } catch (SocketTimeoutException e) {
            return End.OPEN;
        } catch (SocketException e) {
            return End.RST;
        } catch (SSLException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("fatal alert")) {
                return End.ALERT;
            }
            return e.getCause() instanceof SocketException ? End.RST : End.TRUNCATED;
        } catch (IOException e) {
            return End.TRUNCATED;
        }
    }

    /** What follows the server's close_notify. */
    private End endOfWire() throws IOException {
        return wire.getInputStream().readAllBytes().length == 0 ? End.FIN : End.TRUNCATED;
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
