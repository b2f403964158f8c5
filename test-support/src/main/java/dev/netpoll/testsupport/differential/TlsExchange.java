// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** One case on one connection over TLS: each piece is a record. One thread. */
final class TlsExchange extends SocketExchange {

    private static final String HALF_RECORD = "\u0017\u0003\u0003\u0000\u0040" + "x".repeat(20);

    private static final String FORGED_RECORD = "\u0017\u0003\u0003\u0000\u0040" + "x".repeat(64);

    /** Fatal, internal_error. */
    private static final String PLAIN_ALERT = "\u0015\u0003\u0003\u0000\u0002\u0002\u0050";

    private final PiecesSocket wire;
    private final SSLSocket tls;
    private final TlsManner manner;

    private TlsExchange(PiecesSocket wire, SSLSocket tls, TlsManner manner) {
        super(wire);
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
    Socket socket() {
        return tls;
    }

    @Override
    void halfClose() {
        attempt(this::writeTail);
        attempt(wire::shutdownOutput);
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

    /** What follows the server's close_notify. */
    @Override
    End afterTheLast() throws IOException {
        return wire.getInputStream().readAllBytes().length == 0 ? End.FIN : End.TRUNCATED;
    }

    @Override
    End endBy(IOException failure) {
        if (failure instanceof SocketException) {
            return End.RST;
        }
        if (!(failure instanceof SSLException)) {
            return End.TRUNCATED;
        }
        if (String.valueOf(failure.getMessage()).contains("fatal alert")) {
            return End.ALERT;
        }
        return failure.getCause() instanceof SocketException ? End.RST : End.TRUNCATED;
    }
}
