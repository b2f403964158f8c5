// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;

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
 * @param tls the version and the cipher suite agreed upon, as {@code TLSv1.3 TLS_AES_256_GCM_SHA384}; null before that, and
 *     without TLS
 * @param protocol {@code h2} or {@code h2c} where HTTP/2 is spoken; null for HTTP/1.1
 * @param streams how many streams of HTTP/2 are open; null for HTTP/1.1
 * @param request method and path of the request under way, the oldest of several; null for none
 * @param deadlineLeft how long that request still has, negative once it has none; null without a
 *     deadline
 * @param cancelled what ended its context early; null for nothing
 * @param waitsFor what is waited for: {@code read}, {@code write}, or {@code idle} for the next request, on the
 *     connection itself; the peer of an outbound socket, {@code sleep}, {@code lock} and the like for the
 *     thread that serves it; null for nothing known
 * @param waiting how long; zero for nothing, or where that is not known
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
        @Nullable String tls,
        @Nullable String protocol,
        @Nullable Integer streams,
        @Nullable String request,
        @Nullable Duration deadlineLeft,
        @Nullable CancelCause cancelled,
        @Nullable String waitsFor,
        Duration waiting) {}
