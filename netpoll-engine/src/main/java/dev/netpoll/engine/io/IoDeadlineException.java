// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import java.io.Serial;
import java.net.SocketTimeoutException;

/** An operation's deadline passed. A write that failed so may have written some. */
public final class IoDeadlineException extends SocketTimeoutException {

    @Serial private static final long serialVersionUID = 1L;

    /**
     * @param operation what it was the deadline of, such as "read"
     * @param fd the descriptor
     */
    public IoDeadlineException(String operation, int fd) {
        super(operation + " fd " + fd + ": deadline exceeded");
    }
}
