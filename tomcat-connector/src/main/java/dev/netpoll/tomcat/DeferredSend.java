// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state of a send that a writer has left to the end of its loop's batch: it says which thread owns the
 * bytes.
 *
 * <pre>
 * state → state   moved by, memory effect
 * NONE → DUE      the writer; from then on it leaves the bytes alone. Release
 * DUE  → BUSY     the thread that sends them: the loop's carrier at the end of its batch, or a writer or
 *                 closer before that. Acquire: the bytes are as the writer left them
 * DUE  → NONE     the writer, when no loop takes the send
 * BUSY → NONE     the thread that sent them; what the socket did not take is the writer's again. Release
 * </pre>
 *
 * Of several threads that would send, one does.
 */
final class DeferredSend {

    private enum State {
        NONE,
        DUE,
        BUSY
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(DeferredSend.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic. See the table. */
    private volatile State state = State.NONE;

    /** Nothing is left to a loop: the bytes are the writer's. */
    public boolean isNone() {
        return state == State.NONE;
    }

    /** Writer, at NONE. */
    public void announce() {
        state = State.DUE;
    }

    /** Writer; false when another thread has them already. */
    public boolean retract() {
        return STATE.compareAndSet(this, State.DUE, State.NONE);
    }

    /** Any thread; on true the caller sends them, and then calls {@link #done}. */
    public boolean tryTake() {
        return state == State.DUE && STATE.compareAndSet(this, State.DUE, State.BUSY);
    }

    /** Called once by the thread that took them, whatever became of the sending. */
    public void done() {
        state = State.NONE;
    }

    /** Takes them, or waits until the thread that has them is done; true when they were taken. */
    public boolean takeOrAwait() {
        while (!isNone()) {
            if (tryTake()) {
                return true;
            }
            Thread.yield(); // another is in the middle of its one system call
        }
        return false;
    }
}
