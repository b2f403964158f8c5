// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Decides, once for each response, whether the handler or the connector answers.
 *
 * <pre>
 * phase → phase       moved by
 * OPEN      → SENT       the writer, before the first byte leaves (an interim 1xx moves it back)
 * OPEN      → ENDED      the handler's thread: the request has ended early, and it says so itself
 * OPEN      → ASKING     the connector, which sends an interim response to learn whether anybody reads
 * ASKING    → OPEN       the same, once that is sent; all others wait for it
 * OPEN      → ANSWERING  the connector, which then answers in the handler's stead
 * ANSWERING → CUT        the same, its answer written; a close waits for that
 * SENT      → CUT        the connector, which then cuts the connection
 * SENT      → OPEN       the next request begins
 * ENDED     → OPEN       the same
 * </pre>
 *
 * CUT is for ever: the connection ends with it. So no client ever gets the bytes of both, none is left
 * without those of either, and a handler whose time is over never gets its success out.
 */
final class ResponseGate {

    /** Asked by the writer before the first byte of a response. */
    interface Guard {
        /** False when the response may not leave any more; then the guard has seen to another. */
        boolean mayAnswer();
    }

    /** Whose the response is. */
    enum Phase {
        OPEN,
        SENT,
        ENDED,
        ASKING,
        ANSWERING,
        CUT
    }

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(ResponseGate.class, "phase", Phase.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic. See the table. */
    private volatile Phase phase = Phase.OPEN;

    /** The request under way. Written between requests by its thread, read by the writer. */
    private volatile @Nullable Guard guard;

    /** Who answers is to be decided: a request begins, or what was sent was an interim response. */
    void begin() {
        Phase now = phase;
        if (now == Phase.SENT || now == Phase.ENDED) {
            PHASE.compareAndSet(this, now, Phase.OPEN);
        }
    }

    /** The request has ended early. From here on its thread says so, unless the connector has begun to. */
    void endedEarly() {
        awaitNo(Phase.ASKING);
        PHASE.compareAndSet(this, Phase.OPEN, Phase.ENDED);
    }

    void guardedBy(Guard newGuard) {
        guard = newGuard;
    }

    void end() {
        guard = null;
    }

    /** The request under way; null between two, and where requests have no contexts. */
    @Nullable Guard guard() {
        return guard;
    }

    /** The writer is about to send; false when the connector has taken over. */
    boolean enter() {
        Phase now = awaitNo(Phase.ASKING);
        if (now == Phase.OPEN) {
            Guard asked = guard;
            return (asked == null || asked.mayAnswer())
                    && PHASE.compareAndSet(this, Phase.OPEN, Phase.SENT);
        }
        return now == Phase.SENT || now == Phase.ENDED;
    }

    /**
     * The connector takes over.
     *
     * @return what it was: a caller that finds it OPEN answers, and then calls {@link #answered}; one that finds it SENT
     *     cuts the connection; to anything else another has seen
     */
    Phase takeOver() {
        while (true) {
            Phase was = awaitNo(Phase.ASKING);
            Phase next =
                    switch (was) {
                        case OPEN -> Phase.ANSWERING;
                        case SENT -> Phase.CUT;
                        case ENDED, ASKING, ANSWERING, CUT -> was;
                    };
            if (PHASE.compareAndSet(this, was, next)) {
                return was;
            }
        }
    }

    /** The connector may send an interim response, and then says {@link #asked}; false for no. */
    boolean ask() {
        return PHASE.compareAndSet(this, Phase.OPEN, Phase.ASKING);
    }

    /** The interim response is sent, or none of it. */
    void asked() {
        phase = Phase.OPEN;
    }

    /** Who took over from OPEN: whatever became of the answer. */
    void answered() {
        phase = Phase.CUT;
    }

    /** Before a close: an answer under way in the handler's stead is written first. */
    void awaitAnswered() {
        awaitNo(Phase.ASKING);
        awaitNo(Phase.ANSWERING);
    }

    /** What the phase is after {@code passing}. */
    private Phase awaitNo(Phase passing) {
        Phase now = phase;
        while (now == passing) {
            Thread.yield(); // another is in the middle of its system calls, none of which waits
            now = phase;
        }
        return now;
    }

    /** Nothing of the response has left yet. */
    boolean isOpen() {
        return phase == Phase.OPEN;
    }
}
