// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.engine.stats.WaitKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * The state of one connection at a moment.
 *
 * @param id the connection's id, the same as in logs and traces
 * @param fd the descriptor's number
 * @param loop the number of its loop
 * @param state what the connection is doing
 * @param age how long ago it was accepted
 * @param received bytes so far
 * @param sent bytes so far
 * @param remote the peer's address and port; null when it is gone
 * @param request method and path of the request under way; null for none
 * @param deadlineLeft how long that request still has, negative once it has none; null without a
 *     deadline
 * @param cancelled what ended its context early; null for nothing
 * @param waitsFor what a thread or a dispatch waits for on the socket; null for nothing
 * @param waiting how long; zero for nothing
 */
public record ConnectionSnapshot(
        String id,
        int fd,
        int loop,
        ConnectionState state,
        Duration age,
        long received,
        long sent,
        @Nullable String remote,
        @Nullable String request,
        @Nullable Duration deadlineLeft,
        @Nullable CancelCause cancelled,
        @Nullable WaitKind waitsFor,
        Duration waiting) {}
