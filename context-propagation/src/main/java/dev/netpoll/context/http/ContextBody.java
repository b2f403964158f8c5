// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptShield;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The body of a response. Reading fails with the {@link dev.netpoll.context.CancelledException} once the
 * context has ended: unchecked, since converters make "unreadable message" of an {@link IOException}.
 * One thread.
 */
final class ContextBody extends InputStream {

    private static final int CHUNK = 8 * 1024;

    private final InputStream body;
    private final HttpCall call;

    ContextBody(InputStream body, HttpCall call) {
        this.body = body;
        this.call = call;
    }

    @Override
    public int read() throws IOException {
        return step(body::read);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (call.kind().closesFromAnywhere() || length == 0 || !call.usesHelperThread()) {
            return step(() -> body.read(target, offset, length));
        }
        // A reader that was left behind must not write into an array that has a new use.
        byte[] chunk = new byte[Math.min(length, CHUNK)];
        int count = step(() -> body.read(chunk, 0, chunk.length));
        if (count > 0) {
            System.arraycopy(chunk, 0, target, offset, count);
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return body.available();
    }

    @Override
    public void close() throws IOException {
        CancelCause cause = call.context().cause();
        if (call.kind().closesFromAnywhere()) {
            body.close();
        } else if (cause == null) {
            var _ =
                    call.<Boolean>run(
                            () -> {
                                body.close();
                                return true;
                            },
                            _ -> {});
        }
        // Else the response's close gives it up.
    }

    private int step(HttpStep<Integer> read) throws IOException {
        try {
            return call.kind().closesFromAnywhere() ? readHere(read) : call.run(read, _ -> {});
        } catch (CancelledException e) {
            call.end().tell(call.context(), HttpCancelReport.Stage.BODY);
            throw e;
        }
    }

    /** The hook of the response closes the body under a reader, which then sees an error or an end. */
    private int readHere(HttpStep<Integer> read) throws IOException {
        call.context().throwIfCancelled();
        int count;
        try (InterruptShield _ = InterruptShield.open()) {
            count = read.run();
        } catch (IOException | RuntimeException e) {
            CancelCause cause = call.context().cause();
            if (cause == null) {
                throw e;
            }
            throw HttpCall.ended(cause, e);
        }
        call.context().throwIfCancelled();
        return count;
    }
}
