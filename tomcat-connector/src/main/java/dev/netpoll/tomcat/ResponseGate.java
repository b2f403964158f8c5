package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Decides, once a response, who answers: the handler or the connector.
 *
 * <pre>
 * phase → phase     moved by
 * OPEN  → SENT      the writer, before the first byte leaves (an interim 1xx moves it back)
 * OPEN  → CUT       the connector, which then answers in the handler's stead
 * SENT  → CUT       the connector, which then cuts the connection
 * SENT  → OPEN      the next request begins
 * </pre>
 *
 * CUT is for ever: the connection ends with it. So no client ever gets the bytes of both, and a
 * handler whose time is over never gets its success out.
 */
final class ResponseGate {

    /** Asked by the writer before the first byte of a response. */
    interface Guard {
        /** False when the response may not leave any more; then the guard has seen to another. */
        boolean mayAnswer();
    }

    private static final int OPEN = 0;
    private static final int SENT = 1;
    private static final int CUT = 2;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(ResponseGate.class, "phase", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic. See the table. */
    private volatile int phase;

    /** The request under way. Written between requests by its thread, read by the writer. */
    private volatile @Nullable Guard guard;

    /** A request begins: who may answer it is to be decided. */
    void begin() {
        PHASE.compareAndSet(this, SENT, OPEN);
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

    /** The writer is about to send; false when the connection has been cut. */
    boolean enter() {
        int now = phase;
        if (now == OPEN) {
            Guard asked = guard;
            return (asked == null || asked.mayAnswer()) && PHASE.compareAndSet(this, OPEN, SENT);
        }
        return now == SENT;
    }

    /** What was sent was an interim response: the final one is still to be decided. */
    void reopen() {
        begin();
    }

    /** The connector takes over; true when nothing of the response has left yet. */
    boolean cut() {
        return (int) PHASE.getAndSet(this, CUT) == OPEN;
    }

    /** Nothing of the response has left yet. */
    boolean isOpen() {
        return phase == OPEN;
    }
}
