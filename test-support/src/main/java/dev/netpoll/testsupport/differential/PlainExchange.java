// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One case on one TCP connection, as it is. One thread. */
final class PlainExchange extends SocketExchange {

    private final Socket socket;

    PlainExchange(int port) throws IOException {
        this(new Socket(), port);
    }

    private PlainExchange(Socket socket, int port) throws IOException {
        super(socket);
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    }

    @Override
    Socket socket() {
        return socket;
    }

    @Override
    void halfClose() {
        attempt(socket::shutdownOutput);
    }

    @Override
    End afterTheLast() {
        return End.FIN;
    }

    @Override
    End endBy(IOException failure) {
        return End.RST;
    }
}
