// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.util.List;
import java.util.function.Supplier;

/** A listener for JDBC calls that were running when their context ended. */
@FunctionalInterface
public interface CancelListener {

    /** Does nothing. */
    CancelListener NONE = _ -> {};

    /**
     * The call has ended. Called on the thread that made it, which holds the connection: be quick. What
     * this throws is logged.
     */
    void cancelled(CancelReport report);

    /** Returns a listener that tells those that {@code listeners} gives at each call, in their order. */
    static CancelListener all(Supplier<List<CancelListener>> listeners) {
        return report -> listeners.get().forEach(listener -> listener.cancelled(report));
    }
}
