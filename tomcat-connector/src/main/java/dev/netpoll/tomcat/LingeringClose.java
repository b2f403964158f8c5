// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Closes a connection whose client may still be sending: sends FIN, then reads and drops what comes until
 * the client closes too.
 *
 * <p>A close(2) with unread bytes resets the connection, and a client that gets the reset may lose the
 * response it has not read yet (RFC 9112, 9.6). It lasts for {@link #LONGEST_NANOS} and
 * {@link #MOST_BYTES} at most. It holds no thread: it is an armed dispatch of the connection, and runs on
 * a virtual thread when bytes come.
 */
final class LingeringClose implements Dispatch {

    private static final Log LOG = LogFactory.getLog(LingeringClose.class);

    /** As Apache httpd waits for each read; a client that has not read its response by then is slow. */
    static final long LONGEST_NANOS = 2_000_000_000;

    /** Tomcat's default for what it reads of a refused body. */
    static final long MOST_BYTES = 2 << 20;

    private final NetpollConnection connection;
    private final LingeringCloses all;
    private final long until;

    /** One run at a time: each arms the next. */
    private long left = MOST_BYTES;

    private LingeringClose(NetpollConnection connection, LingeringCloses all) {
        this.connection = connection;
        this.all = all;
        this.until = connection.engine().ticker().nanoTime() + LONGEST_NANOS;
    }

    /**
     * Takes the connection over unless its client has closed already. On the connection's virtual
     * thread, where nothing else reads or writes.
     *
     * @return false when the caller is to close it
     */
    static boolean begin(NetpollConnection connection, LingeringCloses all) {
        try {
            connection.setReadDeadline(NetpollConnection.NO_DEADLINE);
            int dropped = drop(connection);
            if (dropped < 0 || connection.peerReset() || all.isFull()) {
                return false;
            }
            connection.shutdownWrite();
            LingeringClose lingering = new LingeringClose(connection, all);
            if (!all.add(lingering)) {
                return false;
            }
            lingering.left -= dropped;
            lingering.run();
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client is gone already", e);
            return false;
        }
    }

    /** Reads on until nothing is there, then waits without a thread. */
    @Override
    public void run() {
        try {
            if (connection.readable() == PollResult.READY && !isOver()) {
                connection.setReadDeadline(until);
                if (connection.whenReadable(this)) {
                    return;
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client is gone", e);
        }
        end();
    }

    private boolean isOver() throws IOException {
        while (left > 0) {
            int n = drop(connection);
            if (n == 0) {
                return false;
            }
            if (n < 0) {
                return true;
            }
            left -= n;
        }
        return true;
    }

    /** Closes the connection now. Any thread. */
    void end() {
        all.remove(this);
        connection.close();
    }

    private static int drop(NetpollConnection connection) throws IOException {
        ByteBuffer buffer = connection.engine().borrowBuffer();
        try {
            return connection.tryRead(buffer);
        } finally {
            connection.engine().giveBack(buffer.clear());
        }
    }
}
