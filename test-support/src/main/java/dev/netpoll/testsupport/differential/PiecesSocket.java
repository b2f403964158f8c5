// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A TCP connection whose writes leave in pieces. Used by one thread. */
final class PiecesSocket extends Socket {

    /** Of a record's five. */
    private static final int PART_OF_HEADER = 3;

    private final TlsManner.Pieces pieces;

    private PiecesSocket(TlsManner.Pieces pieces) {
        this.pieces = pieces;
    }

    static PiecesSocket open(int port, TlsManner.Pieces pieces) throws IOException {
        PiecesSocket socket = new PiecesSocket(pieces);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Exchange.PATIENCE_MILLIS);
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Exchange.PATIENCE_MILLIS);
        return socket;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                out.write(b);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                int first =
                        switch (pieces) {
                            case WHOLE -> length;
                            case CUT -> Math.min(PART_OF_HEADER, length);
                            case BYTES -> 0;
                        };
                out.write(bytes, from, first);
                if (pieces == TlsManner.Pieces.BYTES) {
                    for (int i = from; i < from + length; i++) {
                        out.write(bytes[i]);
                    }
                } else if (first < length) {
                    out.write(bytes, from + first, length - first);
                }
            }
        };
    }
}
