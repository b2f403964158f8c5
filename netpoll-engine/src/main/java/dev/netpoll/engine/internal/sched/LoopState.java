// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words of an {@link EventLoop} that its carrier shares with other threads: which carrier
 * owns the loop, whether it sleeps, and whether the last carrier has left. {@link LoopHealth} has one more.
 *
 * <pre>
 * turn          → turn            moved by                     meaning
 * even (ours)   → odd             carrier, release write       a slice begins: user code may run
 * odd           → even, +1        carrier, CAS                 the slice ended, the loop is still ours
 * odd           → even, +1        stall monitor, CAS           the loop has a new carrier; the old one's
 *                                                              CAS fails and it leaves
 * odd           → even, +1        close, CAS                   the loop has none, and needs none: the old
 *                                                              one leaves likewise
 *
 * sleeping      → sleeping        moved by
 * 0             → 1               carrier, before it looks at queue and timers a last time
 * 1             → 0               a thread that adds work, and then signals the eventfd; or the carrier
 * 0             → 1               the same thread, when its signal failed: the next one signals, or the monitor
 *
 * left          → left            moved by
 * false         → true            the last carrier, when the loop has closed; or close, with the loop's last turn
 * </pre>
 *
 * <p><b>No wake-up is lost or doubled:</b> work is added before {@code sleeping} is read, and {@code
 * sleeping} is set before the queue is read; of several that add work only the one whose exchange
 * finds 1 signals.
 */
class LoopState {

    private static final VarHandle TURN;
    private static final VarHandle SLEEPING;

    static {
        try {
            var lookup = MethodHandles.lookup();
            TURN = lookup.findVarHandle(LoopState.class, "turn", long.class);
            SLEEPING = lookup.findVarHandle(LoopState.class, "sleeping", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic. See the table. */
    private volatile long turn;

    /** Atomic. See the table. */
    private volatile int sleeping;

    /** See the table. */
    private volatile boolean left;

    // ---- whose loop it is ----------------------------------------------------------------------

    /** Odd while a slice runs, and another number for each slice. */
    final long turn() {
        return turn;
    }

    final boolean inSlice() {
        return (turn & 1) == 1;
    }

    /** A slice begins at the even turn {@code mine}. Carrier only. */
    final void beginSlice(long mine) {
        TURN.setRelease(this, mine + 1);
    }

    /** The slice that began at {@code mine} has ended; false when the loop is no longer the caller's. */
    final boolean endSlice(long mine) {
        return TURN.compareAndSet(this, mine + 1, mine + 2);
    }

    /** Takes the loop from the carrier whose slice of {@code stuckTurn} still runs. Stall monitor only. */
    final boolean takeOver(long stuckTurn) {
        return TURN.compareAndSet(this, stuckTurn, stuckTurn + 1);
    }

    /** Takes the closed loop from its slice, if one runs; true when that leaves it without a carrier. */
    final boolean takeFromSlice() {
        long now = turn;
        return (now & 1) == 1 && takeOver(now);
    }

    /** The loop has closed and no carrier will touch its poller any more. */
    final boolean hasLeft() {
        return left;
    }

    final void leave() {
        left = true;
    }

    // ---- whether it sleeps ---------------------------------------------------------------------

    /** Announces the sleep. Carrier only; what is left to do is looked at after this. */
    final void fallAsleep() {
        sleeping = 1;
    }

    /** The sleep is over. */
    final void awake() {
        sleeping = 0;
    }

    public final boolean isSleeping() {
        return sleeping == 1;
    }

    /** Called after adding work; true when the caller is the one to signal the sleeper. */
    final boolean claimWakeUp() {
        return sleeping == 1 && (int) SLEEPING.getAndSet(this, 0) == 1;
    }
}
