// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;

import java.time.Duration;

/**
 * Ends a context from a test as a deadline, a client or a shutdown would, without waiting for one: in a stub
 * that plays the slow part of a request
 *
 * <pre>{@code
 * Prices prices = sku -> {
 *     ContextEnds.expire(CancelContext.current());  // the time is up just here
 *     return 100;
 * };
 * }</pre>
 *
 * <p>or from the test's own thread, for a context the code under test has handed out. The first end
 * wins: each method returns whether it was this one. Hooks of contexts that live by a {@link
 * ManualRuntime} have run when it returns; those of a server's requests run on threads of their own.
 */
public final class ContextEnds {

    private ContextEnds() {}

    /** As if the deadline had passed just now; a context without one gets none. */
    public static boolean expire(CancelContext context) {
        Deadline deadline = context.deadline();
        return scope(context)
                .cancel(
                        new CancelCause.DeadlineExceeded(
                                deadline == null ? Deadline.after(Duration.ZERO) : deadline,
                                null,
                                null));
    }

    /** As if the client had closed its connection. */
    public static boolean disconnect(CancelContext context) {
        return scope(context)
                .cancel(
                        new CancelCause.ClientDisconnected(
                                CancelCause.ClientDisconnected.How.FIN, null));
    }

    /** As if the server was shutting down and had lost its patience. */
    public static boolean shutDown(CancelContext context) {
        return scope(context).cancel(new CancelCause.ServerShuttingDown());
    }

    private static CancelScope scope(CancelContext context) {
        if (context instanceof CancelScope scope) {
            return scope;
        }
        throw new IllegalArgumentException(
                "This context has no end of its own: end the one it was derived from, "
                        + "or derive one by withCancel()");
    }
}
