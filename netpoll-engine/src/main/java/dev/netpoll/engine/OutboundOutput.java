// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.KernelException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The stream that writes an outbound socket, without a buffer: each write is sent, and waits for room.
 * Writers wait for each other. Safe from any thread.
 */
final class OutboundOutput extends OutputStream {

    private final OutboundFd descriptor;
    private final ReentrantLock lock = new ReentrantLock();

    OutboundOutput(OutboundFd descriptor) {
        this.descriptor = descriptor;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, source.length);
        if (length == 0) {
            return;
        }
        lock.lock();
        try {
            send(descriptor.connection(), ByteBuffer.wrap(source, from, length));
        } catch (ClosingException e) {
            throw OutboundWait.closed(e);
        } catch (KernelException e) {
            throw OutboundWait.failed(e);
        } finally {
            lock.unlock();
        }
    }

    private static void send(NetpollConnection to, ByteBuffer source) throws IOException {
        to.tryWrite(source);
        OutboundWait writable = to::awaitWritable;
        while (source.hasRemaining()) {
            writable.untilReady("Write");
            to.tryWrite(source);
        }
    }

    /** Sends FIN; reading goes on. */
    void shutDown() throws IOException {
        try {
            descriptor.connection().shutdownWrite();
        } catch (ClosingException e) {
            throw OutboundWait.closed(e);
        }
    }

    /** Closes the socket. */
    @Override
    public void close() {
        descriptor.close();
    }
}
