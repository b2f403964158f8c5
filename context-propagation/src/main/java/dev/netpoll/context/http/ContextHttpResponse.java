// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptShield;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A response whose body can be read for as long as the context lasts.
 *
 * <p>Where {@linkplain ClientKind#closesFromAnywhere() the client allows it} the end of the context
 * closes the body, and with it the connection, whether anybody reads or not; else it interrupts the
 * reader.
 *
 * <p>Spring's own responses read the rest of the body when they are closed, for the connection's sake. A
 * server that does not send it would hold the caller there for good, so that is bounded as well, and
 * left out once the context has ended.
 *
 * <p>One thread, apart from the hook.
 */
final class ContextHttpResponse implements ClientHttpResponse {

    private static final Logger LOG = System.getLogger(ContextHttpResponse.class.getName());

    private final ClientHttpResponse response;
    private final HttpCall call;
    private final @Nullable CancelHook closer;
    private @Nullable InputStream body;
    private boolean closed;

    /** Atomic: taken by what gives the response back, a helper thread or, without one, the caller. */
    private final AtomicBoolean givenBack = new AtomicBoolean();

    private ContextHttpResponse(
            ClientHttpResponse response, HttpCall call, @Nullable InputStream toClose) {
        this.response = response;
        this.call = call;
        this.body = toClose == null ? null : new ContextBody(toClose, call);
        this.closer =
                toClose == null
                        ? null
                        : call.context().onCancel(() -> Bodies.close(toClose, call.kind()));
    }

    static ContextHttpResponse of(ClientHttpResponse response, HttpCall call) throws IOException {
        // Asked for now and once: Reactor's subscribes to it, and the hook has a thread of its own.
        InputStream toClose = call.kind().closesFromAnywhere() ? response.getBody() : null;
        return new ContextHttpResponse(response, call, toClose);
    }

    @Override
    public HttpStatusCode getStatusCode() throws IOException {
        return response.getStatusCode();
    }

    @Override
    public String getStatusText() throws IOException {
        return response.getStatusText();
    }

    @Override
    public HttpHeaders getHeaders() {
        return response.getHeaders();
    }

    @Override
    public InputStream getBody() throws IOException {
        InputStream known = body;
        if (known == null) {
            known = new ContextBody(response.getBody(), call);
            body = known;
        }
        return known;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            closeInTime();
        } finally {
            if (closer != null) {
                closer.stop();
            }
        }
    }

    private void closeInTime() {
        if (call.context().isCancelled()) {
            giveUp();
            return;
        }
        try {
            if (call.kind().closesFromAnywhere()) {
                closeShielded();
            } else {
                call.run(this::closeNow, _ -> {});
            }
        } catch (CancelledException e) {
            // The caller has its result, or is told by its next step. Ours ended before it began?
            giveUp();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "A response could not be closed in an orderly way", e);
        }
    }

    /** The hook ends it. */
    private void closeShielded() {
        try (InterruptShield _ = InterruptShield.open()) {
            response.close();
        } catch (RuntimeException e) {
            if (!call.context().isCancelled()) {
                throw e;
            }
            // The hook closed the body meanwhile.
        }
    }

    private boolean closeNow() {
        if (givenBack.compareAndSet(false, true)) {
            response.close();
        }
        return true;
    }

    private void giveUp() {
        if (givenBack.compareAndSet(false, true)) {
            Bodies.abort(response, call.kind());
        }
    }
}
