// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.FileSource;
import dev.netpoll.engine.NetpollConnection;

import org.apache.tomcat.util.net.SendfileDataBase;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;

/**
 * Sends a piece of a file, and waits whenever the socket is full. On the connection's virtual thread.
 *
 * @param connection of the queue
 * @param writes what is sent before the file
 * @param timeoutMillis each time nothing moves
 */
record FileSend(NetpollConnection connection, WriteQueue writes, long timeoutMillis) {

    /** From the file to the socket, by sendfile(2). */
    void plain(SendfileDataBase data) throws IOException {
        try (FileSource file = connection.openFile(data.fileName)) {
            writes.flush(timeoutMillis);
            while (data.length > 0) {
                long sent = connection.trySend(file, data.pos, data.length);
                data.pos += sent;
                data.length -= sent;
                if (sent == 0 && data.pos >= file.size()) {
                    throw tooShort(data);
                }
                if (sent == 0) {
                    writes.awaitRoom(timeoutMillis);
                }
            }
        }
    }

    /** Through the queue, which encrypts it. */
    void encrypted(SendfileDataBase data) throws IOException {
        ByteBuffer buffer = connection.engine().borrowBuffer();
        // Not a FileChannel, which an interrupt closes.
        try (RandomAccessFile file = new RandomAccessFile(data.fileName, "r")) {
            file.seek(data.pos);
            while (data.length > 0) {
                int asked = (int) Math.min(data.length, buffer.capacity());
                int n = file.read(buffer.array(), buffer.arrayOffset(), asked);
                if (n < 0) {
                    throw tooShort(data);
                }
                writes.add(buffer.clear().limit(n), timeoutMillis);
                data.pos += n;
                data.length -= n;
            }
            writes.flush(timeoutMillis);
        } finally {
            connection.engine().giveBack(buffer);
        }
    }

    private static EOFException tooShort(SendfileDataBase data) {
        return new EOFException(data.fileName + " is shorter than was promised");
    }
}
