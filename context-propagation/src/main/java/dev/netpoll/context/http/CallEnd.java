// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;

import org.springframework.http.HttpMethod;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;

/** Tells a listener, once, that a call was given up because its context has ended. Any thread. */
final class CallEnd {

    private static final Logger LOG = System.getLogger(CallEnd.class.getName());

    private final HttpCancelListener listener;
    private final HttpMethod method;
    private final URI uri;
    private boolean told; // under this object's lock

    CallEnd(HttpCancelListener listener, HttpMethod method, URI uri) {
        this.listener = listener;
        this.method = method;
        this.uri = uri;
    }

    /**
     * Does nothing while {@code context} lasts. When it returns the listener has been told, by this
     * thread or another: an interrupt may let a {@code WebClient}'s caller go on while another thread tells.
     */
    void tell(CancelContext context, HttpCancelReport.Stage stage) {
        CancelCause cause = context.cause();
        if (cause != null) {
            tellOnce(stage, cause);
        }
    }

    private synchronized void tellOnce(HttpCancelReport.Stage stage, CancelCause cause) {
        if (told) {
            return;
        }
        told = true;
        String host = uri.getHost();
        try {
            listener.cancelled(
                    new HttpCancelReport(method.name(), host == null ? "" : host, stage, cause));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A cancel listener failed", e);
        }
    }
}
