package dev.netpoll.engine.poll;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whose the bytes are that a writer left to the end of its loop's batch.
 *
 * <pre>
 * state → state   moved by, memory effect
 * NONE → DUE      the writer; from then on it leaves them alone. Release
 * DUE  → BUSY     whoever sends them: the loop at the end of its batch, or who writes or closes before
 *                 that. Acquire: they are as the writer left them
 * DUE  → NONE     the writer, that could not leave them to a loop
 * BUSY → NONE     whoever sent them; what the socket did not take is the writer's again. Release
 * </pre>
 *
 * Of several that would send, one does.
 */
public final class Departure {

    private enum State {
        NONE,
        DUE,
        BUSY
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Departure.class, "state", State.class);
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

    /** Writer; false when somebody else has them already. */
    public boolean retract() {
        return STATE.compareAndSet(this, State.DUE, State.NONE);
    }

    /** Any thread; true for the one that sends them, and then says {@link #done}. */
    public boolean tryTake() {
        return state == State.DUE && STATE.compareAndSet(this, State.DUE, State.BUSY);
    }

    /** Who took them, once: whatever became of the sending. */
    public void done() {
        state = State.NONE;
    }

    /** Takes them, or waits until whoever has them is done; true when they were taken. */
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
