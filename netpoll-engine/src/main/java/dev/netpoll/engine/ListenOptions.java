// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.util.OptionalInt;

/**
 * The settings of a listener.
 *
 * @param backlog connections the kernel queues until they are accepted, listen(2); at most what
 *     net.core.somaxconn allows. Less than 1 for the JDK's 50
 * @param receiveBuffer SO_RCVBUF in bytes for accepted connections, or empty for the kernel's choice
 */
public record ListenOptions(int backlog, OptionalInt receiveBuffer) {

    /** Go's choice on Linux: what net.core.somaxconn allows. */
    private static final int MAX_BACKLOG = 4096;

    /** As java.net.ServerSocket and ServerSocketChannel have it. */
    private static final int JDK_BACKLOG = 50;

    public ListenOptions {
        backlog = backlog < 1 ? JDK_BACKLOG : backlog;
    }

    public static ListenOptions defaults() {
        return new ListenOptions(MAX_BACKLOG, OptionalInt.empty());
    }

    public ListenOptions withBacklog(int newBacklog) {
        return new ListenOptions(newBacklog, receiveBuffer);
    }

    public ListenOptions withReceiveBuffer(int bytes) {
        return new ListenOptions(backlog, OptionalInt.of(bytes));
    }
}
