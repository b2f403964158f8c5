// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.jspecify.annotations.Nullable;

import java.util.function.UnaryOperator;

/**
 * The settings of outbound calls: the deadline header, what goes along to a helper thread, and the
 * listener for calls that were given up.
 *
 * @param deadlineHeader the request header that tells the server what is left of the deadline: {@code
 *     grpc-timeout} in gRPC's format, any other in milliseconds; null for none
 * @param carry wraps what runs on a helper thread with what else is bound to the caller's (logging,
 *     tracing); the context itself is always carried
 * @param listener is told of calls that are given up because their context has ended
 */
public record HttpSettings(
        @Nullable String deadlineHeader,
        UnaryOperator<Runnable> carry,
        HttpCancelListener listener) {

    /** The header of our own that netpoll's servers listen to. */
    public static final String DEADLINE_HEADER = "x-request-timeout-ms";

    /** With {@link #DEADLINE_HEADER}, carrying nothing but the context. */
    public static final HttpSettings DEFAULTS =
            new HttpSettings(DEADLINE_HEADER, UnaryOperator.identity());

    /** Tells no listener of cancelled calls. */
    public HttpSettings(@Nullable String deadlineHeader, UnaryOperator<Runnable> carry) {
        this(deadlineHeader, carry, HttpCancelListener.NONE);
    }

    public HttpSettings {
        if (deadlineHeader != null && deadlineHeader.isBlank()) {
            throw new IllegalArgumentException("A header has a name; null is for none");
        }
    }
}
