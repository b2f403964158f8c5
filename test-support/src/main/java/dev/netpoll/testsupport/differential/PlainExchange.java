// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;

/** One case on one TCP connection, as it is. One thread. */
final class PlainExchange implements Exchange {

    private final Socket socket = new Socket();

    /** A write failed: the server had closed with bytes unread. */
    private boolean refused;

    PlainExchange(int port) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    }

    @Override
    public void write(byte[] piece) {
        if (!refused) {
            try {
                socket.getOutputStream().write(piece);
            } catch (IOException e) {
                refused = true;
            }
        }
    }

    @Override
    public void end(Case.Ending ending) throws IOException {
        switch (ending) {
            case WAIT -> {}
            case HALF_CLOSE -> {
                if (!refused) {
                    try {
                        socket.shutdownOutput();
                    } catch (IOException e) {
                        refused = true;
                    }
                }
            }
            case RESET -> {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                socket.close();
            }
        }
    }

    @Override
    public Outcome outcome() {
        if (socket.isClosed()) {
            return new Outcome("", End.RST);
        }
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        End end = readInto(received);
        return new Outcome(received.toString(StandardCharsets.ISO_8859_1), refused ? End.RST : end);
    }

    private End readInto(ByteArrayOutputStream received) {
        byte[] block = new byte[8192];
        try {
            for (int n = socket.getInputStream().read(block);
                    n >= 0;
                    n = socket.getInputStream().read(block)) {
                received.write(block, 0, n);
            }
            return End.FIN;
        } catch (SocketTimeoutException e) {
            return End.OPEN;
        } catch (IOException e) {
            return End.RST;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
