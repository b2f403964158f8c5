// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

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
}
