package dev.netpoll.engine.poll;

import java.io.Serial;
import java.net.SocketTimeoutException;
import java.util.Locale;

/** An operation's deadline passed. A write that failed so may have written some. */
public final class IoDeadlineException extends SocketTimeoutException {

    @Serial private static final long serialVersionUID = 1L;

    IoDeadlineException(Mode mode, int fd) {
        super(mode.name().toLowerCase(Locale.ROOT) + " fd " + fd + ": deadline exceeded");
    }
}
