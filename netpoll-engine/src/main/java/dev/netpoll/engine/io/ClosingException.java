// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import java.io.Serial;
import java.net.SocketException;

/** The descriptor, or the engine it belongs to, was closed before or during the operation. */
public final class ClosingException extends SocketException {

    @Serial private static final long serialVersionUID = 1L;

    /** Says {@code what} has been closed. */
    public ClosingException(String what) {
        super(what);
    }

    /**
     * @param operation what found it closed, such as "read"
     * @param fd the descriptor
     */
    public ClosingException(String operation, int fd) {
        super(operation + " fd " + fd + ": closing");
    }
}
