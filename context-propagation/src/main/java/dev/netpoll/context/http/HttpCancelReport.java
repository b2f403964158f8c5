// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;

/**
 * An outbound call that was under way when its context ended, and was given up. For meters and traces:
 * there is neither a path nor a query in it, nor a header.
 *
 * @param method of the request
 * @param host the server that was called, without its port; empty where the URI names none
 * @param stage how far the call had come
 * @param cause why the context ended
 */
public record HttpCancelReport(String method, String host, Stage stage, CancelCause cause) {

    /** How far a call has come. */
    public enum Stage {
        /** The response's head had not been read. */
        EXCHANGE,
        /** Its body was being read. */
        BODY
    }
}
