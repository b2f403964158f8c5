// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Is told when an asynchronous request has completed, however that came about: a time-out and an error are
 * followed by the completion. Stays with the request when its asynchronous processing starts again.
 */
public interface CompletionListener extends AsyncListener {

    /** The request has completed. On a thread of the server's. */
    @Override
    void onComplete(AsyncEvent event);

    @Override
    default void onTimeout(AsyncEvent event) {
        // Completion follows, whatever answers the time-out.
    }

    @Override
    default void onError(AsyncEvent event) {
        // Completion follows.
    }

    @Override
    default void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }
}
