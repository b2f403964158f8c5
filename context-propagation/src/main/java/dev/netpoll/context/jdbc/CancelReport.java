// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;

import java.time.Duration;

/**
 * A JDBC call that was running when its context ended, and has ended now. For meters and traces.
 *
 * @param call which call it was; one of a few words, so it can be a meter's tag
 * @param cause why the context ended
 * @param took from the end of the context to the end of the call
 * @param cancelsSent how many cancels went to the database; zero for a call that takes none, such as
 *     waiting for a connection
 * @param connectionLost whether the connection was given up because nothing else helped
 */
public record CancelReport(
        String call, CancelCause cause, Duration took, int cancelsSent, boolean connectionLost) {}
