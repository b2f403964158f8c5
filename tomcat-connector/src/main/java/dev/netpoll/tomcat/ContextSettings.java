package dev.netpoll.tomcat;

import dev.netpoll.context.task.OverdueWatch;

import java.time.Duration;

/**
 * How requests get their contexts.
 *
 * @param deadlines how long a request may take
 * @param peerClose what counts as the client's leaving
 * @param halfClose how soon after its last bytes a client's FIN may mean that it has only finished sending:
 *     such a client is asked before it counts as one that left
 * @param interruptHandler whether the handler's thread is interrupted when its context ends early
 * @param expiredStatus what an expired request answers while its response is uncommitted
 * @param hardGrace how long after its end a handler may go on before the connector answers for it
 * @param overdue where work that goes on after that is known
 */
public record ContextSettings(
        DeadlinePolicy deadlines,
        PeerClose peerClose,
        Duration halfClose,
        boolean interruptHandler,
        int expiredStatus,
        Duration hardGrace,
        OverdueWatch overdue) {

    private static final int SERVICE_UNAVAILABLE = 503;

    /** More than the two calls of a client need that sends its request and then its FIN. */
    private static final Duration HALF_CLOSE = Duration.ofMillis(5);

    /**
     * No deadlines, FIN counts as leaving, within 5 ms of the request only if nobody reads, handlers are
     * interrupted, 503, 10 ms, one second.
     */
    public static ContextSettings defaults() {
        return new ContextSettings(
                DeadlinePolicy.none(),
                PeerClose.FIN,
                HALF_CLOSE,
                true,
                SERVICE_UNAVAILABLE,
                Duration.ofMillis(10),
                OverdueWatch.logging(
                        new OverdueWatch.Settings(Duration.ofSeconds(1), Duration.ofMinutes(1))));
    }

    public ContextSettings withDeadlines(DeadlinePolicy policy) {
        return new ContextSettings(
                policy, peerClose, halfClose, interruptHandler, expiredStatus, hardGrace, overdue);
    }

    public ContextSettings withPeerClose(PeerClose what) {
        return new ContextSettings(
                deadlines, what, halfClose, interruptHandler, expiredStatus, hardGrace, overdue);
    }

    public ContextSettings withHalfClose(Duration window) {
        return new ContextSettings(
                deadlines, peerClose, window, interruptHandler, expiredStatus, hardGrace, overdue);
    }

    public ContextSettings withInterruptHandler(boolean interrupt) {
        return new ContextSettings(
                deadlines, peerClose, halfClose, interrupt, expiredStatus, hardGrace, overdue);
    }

    public ContextSettings withExpiredStatus(int status) {
        return new ContextSettings(
                deadlines, peerClose, halfClose, interruptHandler, status, hardGrace, overdue);
    }

    public ContextSettings withHardGrace(Duration grace) {
        return new ContextSettings(
                deadlines, peerClose, halfClose, interruptHandler, expiredStatus, grace, overdue);
    }

    public ContextSettings withOverdue(OverdueWatch watch) {
        return new ContextSettings(
                deadlines, peerClose, halfClose, interruptHandler, expiredStatus, hardGrace, watch);
    }
}
