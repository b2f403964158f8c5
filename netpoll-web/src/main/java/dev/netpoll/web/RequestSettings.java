// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.task.OverdueWatch;

import java.time.Duration;

/**
 * Settings of request contexts: deadlines, cancellation and what follows from it.
 *
 * @param deadlines how long a request may take
 * @param peerClose what counts as the client's leaving
 * @param halfClose how soon after its last bytes a client's FIN may mean that it has only finished sending:
 *     such a client is asked before it counts as one that left
 * @param interrupts when the threads of a request and of its tasks are interrupted if their context ends early
 * @param expiredStatus what an expired request answers while its response is uncommitted
 * @param hardGrace how long after its end a handler may go on before the connector answers for it
 * @param overdue where work that goes on after that is known
 */
public record RequestSettings(
        DeadlinePolicy deadlines,
        PeerClose peerClose,
        Duration halfClose,
        InterruptPolicy interrupts,
        int expiredStatus,
        Duration hardGrace,
        OverdueWatch overdue) {

    private static final int SERVICE_UNAVAILABLE = 503;

    /** More than the two calls of a client need that sends its request and then its FIN. */
    private static final Duration HALF_CLOSE = Duration.ofMillis(5);

    /**
     * No deadlines, FIN counts as leaving, within 5 ms of the request only if the client does not read, handlers that
     * wait are interrupted, 503, 10 ms, one second.
     */
    public static RequestSettings defaults() {
        return new RequestSettings(
                DeadlinePolicy.none(),
                PeerClose.FIN,
                HALF_CLOSE,
                InterruptPolicy.WHEN_WAITING,
                SERVICE_UNAVAILABLE,
                Duration.ofMillis(10),
                OverdueWatch.logging(
                        new OverdueWatch.Settings(Duration.ofSeconds(1), Duration.ofMinutes(1))));
    }

    public RequestSettings withDeadlines(DeadlinePolicy policy) {
        return new RequestSettings(
                policy, peerClose, halfClose, interrupts, expiredStatus, hardGrace, overdue);
    }

    public RequestSettings withPeerClose(PeerClose what) {
        return new RequestSettings(
                deadlines, what, halfClose, interrupts, expiredStatus, hardGrace, overdue);
    }

    public RequestSettings withHalfClose(Duration window) {
        return new RequestSettings(
                deadlines, peerClose, window, interrupts, expiredStatus, hardGrace, overdue);
    }

    public RequestSettings withInterrupts(InterruptPolicy policy) {
        return new RequestSettings(
                deadlines, peerClose, halfClose, policy, expiredStatus, hardGrace, overdue);
    }

    public RequestSettings withExpiredStatus(int status) {
        return new RequestSettings(
                deadlines, peerClose, halfClose, interrupts, status, hardGrace, overdue);
    }

    public RequestSettings withHardGrace(Duration grace) {
        return new RequestSettings(
                deadlines, peerClose, halfClose, interrupts, expiredStatus, grace, overdue);
    }

    public RequestSettings withOverdue(OverdueWatch watch) {
        return new RequestSettings(
                deadlines, peerClose, halfClose, interrupts, expiredStatus, hardGrace, watch);
    }
}
