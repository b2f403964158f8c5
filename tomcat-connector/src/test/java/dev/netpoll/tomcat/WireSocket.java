// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A TCP connection whose sender decides what leaves together, whatever TLS above it writes. Used by one thread at a
 * time.
 */
final class WireSocket extends Socket {

    /** How what is written leaves. */
    enum Sends {
        AS_WRITTEN,
        BYTE_BY_BYTE,
        HELD
    }

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private Sends sends = Sends.AS_WRITTEN;

    private WireSocket() {}

    static WireSocket open(InetSocketAddress address, int patience) throws IOException {
        WireSocket socket = new WireSocket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(patience);
        socket.connect(address, patience);
        return socket;
    }

    /** From now on. What is held back stays so until {@link #release}. */
    WireSocket sends(Sends how) {
        sends = how;
        return this;
    }

    /** What is held back; it is no more. */
    byte[] take() {
        byte[] bytes = held.toByteArray();
        held.reset();
        return bytes;
    }

    /** Sends what is held back, in one piece. */
    void release() throws IOException {
        super.getOutputStream().write(take());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                switch (sends) {
                    case AS_WRITTEN -> out.write(bytes, from, length);
                    case HELD -> held.write(bytes, from, length);
                    case BYTE_BY_BYTE -> {
                        for (int i = from; i < from + length; i++) {
                            out.write(bytes[i]);
                        }
                    }
                }
            }
        };
    }
}
