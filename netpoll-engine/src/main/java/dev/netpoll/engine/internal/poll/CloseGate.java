package dev.netpoll.engine.internal.poll;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps descriptors open under those who use them, and tells the last one out to close them.
 *
 * <pre>
 * users = 1 + those inside; close takes the first one away
 * open, users ≥ 1 → closed, users ≥ 0     close, once
 * users → 0                               the last one out, who closes what the gate guards
 * </pre>
 *
 * <p>Nobody waits here, so nobody can wait for somebody who needs his carrier. Safe from any thread.
 */
final class CloseGate {

    private static final int CLOSED = 1 << 31;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CloseGate.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic: CLOSED | users. */
    private volatile int state = 1;

    /** Goes in; false once closed. */
    boolean enter() {
        int s = state;
        while (s >= 0) {
            if (STATE.compareAndSet(this, s, s + 1)) {
                return true;
            }
            s = state;
        }
        return false;
    }

    /** Goes out; true for the last one, who closes. */
    boolean leave() {
        return (int) STATE.getAndAdd(this, -1) == CLOSED + 1;
    }

    /** Lets nobody in any more; true when nobody is inside, and the caller is the one who closes. */
    boolean close() {
        int s = state;
        while (s >= 0) {
            if (STATE.compareAndSet(this, s, (s - 1) | CLOSED)) {
                return s == 1;
            }
            s = state;
        }
        return false;
    }

    boolean isClosed() {
        return state < 0;
    }
}
