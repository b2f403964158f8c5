// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of the socket, as they are. */
record PlainStream(NetpollConnection connection) implements ByteStream {

    @Override
    public int tryRead(ByteBuffer to) throws IOException {
        return connection.tryRead(to);
    }

    @Override
    public int readReady(ByteBuffer to) throws IOException {
        return connection.readReady(to);
    }

    @Override
    public boolean holdsUnread() {
        return false;
    }

    @Override
    public void rest() {
        // It has none.
    }

    @Override
    public boolean tryWrite(ByteBuffer from) throws IOException {
        connection.tryWrite(from);
        return !from.hasRemaining();
    }

    @Override
    public boolean prepare(ByteBuffer put) {
        return true; // it is sent as it is
    }

    @Override
    public boolean sendsOnCarrier() {
        return true;
    }

    @Override
    public boolean tryFlush() {
        return true;
    }

    @Override
    public boolean tryFlushOnCarrier() {
        return true;
    }

    @Override
    public boolean isFlushed() {
        return true;
    }

    @Override
    public void endOutput() {
        // The FIN says it.
    }

    @Override
    public boolean endsUnannounced() {
        return false;
    }
}
