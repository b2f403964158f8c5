// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import java.util.List;
import java.util.function.Supplier;

/**
 * A listener for outbound calls that were under way when their context ended. Called once for each.
 */
@FunctionalInterface
public interface HttpCancelListener {

    /** Does nothing. */
    HttpCancelListener NONE = _ -> {};

    /**
     * The call has been given up. Called on the thread that made it, before that goes on: be quick. What
     * this throws is logged.
     */
    void cancelled(HttpCancelReport report);

    /**
     * Who is told of a call that begins on this thread and may end on any: {@code WebClient}'s. For a
     * listener that goes by what is bound to the calling thread.
     */
    default HttpCancelListener boundHere() {
        return this;
    }

    /** Returns a listener that tells those that {@code listeners} gives at each call, in their order. */
    static HttpCancelListener all(Supplier<List<HttpCancelListener>> listeners) {
        return new HttpCancelListener() {
            @Override
            public void cancelled(HttpCancelReport report) {
                listeners.get().forEach(listener -> listener.cancelled(report));
            }

            @Override
            public HttpCancelListener boundHere() {
                List<HttpCancelListener> now = listeners.get();
                if (now.size() <= 1) {
                    return now.isEmpty() ? NONE : now.getFirst().boundHere();
                }
                List<HttpCancelListener> bound =
                        now.stream().map(HttpCancelListener::boundHere).toList();
                return all(() -> bound);
            }
        };
    }
}
