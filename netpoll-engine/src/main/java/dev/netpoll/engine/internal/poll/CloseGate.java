// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A reference count with a closed bit: keeps descriptors open while threads use them, and tells the
 * last thread that leaves to close them.
 *
 * <pre>
 * users = 1 + those inside; close takes the first one away
 * open, users ≥ 1 → closed, users ≥ 0     close, once
 * users → 0                               the last thread leaves, and closes what the gate guards
 * </pre>
 *
 * <p>No thread waits here, so none can wait for another that needs its carrier. Safe from any
 * thread.
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

    /** Leaves; true for the last thread, which closes. */
    boolean leave() {
        return (int) STATE.getAndAdd(this, -1) == CLOSED + 1;
    }

    /** Admits no thread from here on; true when none is inside, and the caller closes. */
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
}
