package dev.netpoll.engine.poll;

import java.io.Serial;
import java.net.SocketException;
import java.util.Locale;

/** The descriptor, or the engine it belongs to, was closed before or during the operation. */
public final class ClosingException extends SocketException {

    @Serial private static final long serialVersionUID = 1L;

    ClosingException(String what) {
        super(what);
    }

    ClosingException(Mode mode, int fd) {
        super(mode.name().toLowerCase(Locale.ROOT) + " fd " + fd + ": closing");
    }
}
