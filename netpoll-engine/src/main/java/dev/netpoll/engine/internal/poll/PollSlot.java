// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.stats.WaitKind;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * One direction of a {@link PollDesc}: its waiter and its deadline. Go's {@code rg}/{@code rd} and
 * {@code wg}/{@code wd}, plus the armed dispatch.
 *
 * <pre>
 * waiter    → waiter    moved by                         with
 * NIL       → READY     event (loop)                     CAS
 * NIL       → WAIT      await: announces itself          CAS, then reads deadline and closing bit
 * NIL       → Dispatch  arm                              CAS, then reads deadline and closing bit
 * WAIT      → Thread    await: about to park             CAS
 * WAIT      → READY     event (loop)                     CAS; the announcer sees it and does not park
 * WAIT      → NIL       expiry (loop), close (anyone)    CAS; likewise
 * Thread    → READY     event (loop)                     CAS, then unpark
 * Thread    → NIL       expiry (loop), close (anyone)    CAS, then unpark
 * Thread    → NIL       await: its thread is interrupted CAS
 * Dispatch  → READY     event (loop)                     CAS, then start
 * Dispatch  → NIL       expiry (loop), close (anyone)    CAS, then start
 * Dispatch  → NIL       disarm                           CAS
 * READY     → NIL       await and reset consume it       CAS
 *
 * deadline  → deadline  moved by                         with
 * any       → T, NONE   set                              volatile write
 * any       → EXPIRED   set                              volatile write, then evicts
 * ≠ EXPIRED → T, NONE   renew                            CAS: only set moves EXPIRED
 * T         → PASSED    its timer, or set in the past    CAS of the value seen, then evicts
 * </pre>
 *
 * <p><b>No wake-up is lost</b> because both sides publish, then check: a waiter writes its slot and
 * then reads deadline and closing bit; expiry and close write those and then read the slot. All of it
 * is volatile, so one of the two sees the other.
 *
 * <p><b>A moved deadline never fires at its old time.</b> Expiry is a CAS of the very value the timer
 * saw: a deadline is its own sequence number. A waiter that came after the move and was still evicted
 * by the late half of an old expiry finds nothing wrong and waits again.
 *
 * <p><b>What came in time is served.</b> A deadline that passes leaves an event where it is: the thread or
 * the dispatch that the event has woken may run much later and still finds READY ({@link #startedBy}).
 * I/O that begins after that fails. An EXPIRED that a caller set is meant for what is under way, too.
 *
 * <p>One waiter at a time: a second is an {@link IllegalStateException}. Touched by any thread.
 */
final class PollSlot {

    /** No deadline. */
    static final long NONE = 0;

    /** Set to fail I/O at once, and until the deadline is moved. */
    static final long EXPIRED = Long.MIN_VALUE;

    /** What a deadline becomes when its time has come; stays until it is moved. */
    private static final long PASSED = EXPIRED + 1;

    private static final @Nullable Object NIL = null;
    private static final Object READY = Marker.READY;
    private static final Object WAIT = Marker.WAIT;

    private enum Marker {
        READY,
        WAIT
    }

    private static final VarHandle WAITER;
    private static final VarHandle DEADLINE;

    static {
        try {
            var lookup = MethodHandles.lookup();
            WAITER = lookup.findVarHandle(PollSlot.class, "waiter", Object.class);
            DEADLINE = lookup.findVarHandle(PollSlot.class, "deadline", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PollDesc desc;
    private final Mode mode;

    /** Atomic: NIL, READY, WAIT, a parked Thread, or an armed Dispatch. */
    private volatile @Nullable Object waiter;

    /** Atomic: NONE, EXPIRED, PASSED, or ticker time. */
    private volatile long deadline;

    /** Since when the waiter waits, by the ticker. Written before the waiter, read after it. */
    private long since;

    /** Whether the dispatch was armed at the end of a long slice, and the one before it too. As {@link #since}. */
    private boolean afterLong;

    /** Whether the dispatch was armed at the end of a long slice the last time. As {@link #since}. */
    private boolean longBefore;

    PollSlot(PollDesc desc, Mode mode) {
        this.desc = desc;
        this.mode = mode;
    }

    /** What stands in the way of I/O: READY for nothing. */
    PollResult check() {
        if (desc.closing()) {
            return PollResult.CLOSING;
        }
        return deadline <= PASSED ? PollResult.DEADLINE_EXCEEDED : PollResult.READY;
    }

    /** As {@link #check}, for I/O that an event announced: a deadline that has passed since is no matter. */
    PollResult checkAnnounced() {
        if (desc.closing()) {
            return PollResult.CLOSING;
        }
        return deadline == EXPIRED ? PollResult.DEADLINE_EXCEEDED : PollResult.READY;
    }

    /** What a dispatch was started for. On its thread, before anything consumes the event. */
    PollResult startedBy() {
        // In this order: an event that comes after a look for it may have come in time all the
        // same.
        PollResult obstacle = check();
        return obstacle == PollResult.DEADLINE_EXCEEDED && hasEvent() ? checkAnnounced() : obstacle;
    }

    /** Whether an event has come that nothing has consumed. */
    boolean hasEvent() {
        return waiter == READY;
    }

    /** Forgets an event; done before the system call that will collect what it announced. */
    void reset() {
        if (waiter == READY) {
            WAITER.compareAndSet(this, READY, NIL);
        }
    }

    // ---- waiting ----------------------------------------------------------------------------

    PollResult await() {
        while (true) {
            PollResult obstacle = check();
            if (obstacle != PollResult.READY) {
                return obstacle;
            }
            if (!announce(WAIT, desc.now())) {
                reset();
                return PollResult.READY;
            }
            boolean interrupted = check() == PollResult.READY && park();
            if (interrupted) {
                waited(Thread.currentThread(), desc.now() - since, false);
                return PollResult.INTERRUPTED;
            }
            if (collect()) {
                return PollResult.READY;
            }
            // Evicted: the check tells by what. By nothing, when the deadline has moved since.
        }
    }

    /**
     * Takes back what this wait left in the slot; true when that was an event. Once evicted the slot
     * may be another thread's, which stays, and which the next announcement stumbles over.
     */
    private boolean collect() {
        while (true) {
            Object current = waiter;
            if (current != READY && current != WAIT) {
                return false;
            }
            if (WAITER.compareAndSet(this, current, NIL)) {
                return current == READY;
            }
        }
    }

    /** Parks until the slot is emptied; true when the thread withdrew for an interrupt. */
    private boolean park() {
        Thread me = Thread.currentThread();
        if (!WAITER.compareAndSet(this, WAIT, me)) {
            return false;
        }
        while (waiter == me) {
            LockSupport.park(desc);
            // When the CAS fails another thread emptied the slot first, and that is what counts.
            if (me.isInterrupted() && WAITER.compareAndSet(this, me, NIL)) {
                return true;
            }
        }
        return false;
    }

    /** Puts {@code newcomer} into a free slot at {@code now}; false when an event is already there. */
    private boolean announce(Object newcomer, long now) {
        while (true) {
            Object current = waiter;
            if (current == READY) {
                return false;
            }
            if (current != NIL) {
                throw new IllegalStateException(
                        "Two waiters at once on " + desc + ": " + newcomer + " and " + current);
            }
            since = now;
            if (WAITER.compareAndSet(this, NIL, newcomer)) {
                return true;
            }
        }
    }

    /** False when a thread waits here, which will have the event instead. */
    boolean arm(Dispatch dispatch) {
        if (hasParked()) {
            return false;
        }
        if (waiter == dispatch) {
            return true;
        }
        long now = desc.now();
        afterLong = isLongAgain(now);
        if (!announce(dispatch, now)
                || (check() != PollResult.READY && WAITER.compareAndSet(this, dispatch, NIL))) {
            desc.loop().start(dispatch, afterLong);
        }
        return true;
    }

    /** Once may be the kernel's doing, which has given the processor to others meanwhile. */
    private boolean isLongAgain(long now) {
        boolean before = longBefore;
        longBefore = desc.loop().isSliceLong(now);
        return before && longBefore;
    }

    boolean disarm(Dispatch dispatch) {
        return WAITER.compareAndSet(this, dispatch, NIL);
    }

    // ---- waking -----------------------------------------------------------------------------

    /** An event has come. Runs on the loop's carrier. */
    void ready(long now) {
        while (true) {
            Object current = waiter;
            if (current == READY) {
                return;
            }
            long began = since;
            if (WAITER.compareAndSet(this, current, READY)) {
                wake(current, now - began, true);
                return;
            }
        }
    }

    /** Wakes the waiter, without an event. */
    void evict() {
        evict(desc.now(), false);
    }

    private void evict(long now, boolean onLoop) {
        while (true) {
            Object current = waiter;
            if (current == NIL || current == READY) {
                return;
            }
            if (check() == PollResult.READY) {
                // The deadline has moved since it expired: nothing has happened to this waiter, and
                // whatever happens next evicts it again. It must not leave the slot meanwhile,
                // where
                // its owner may be about to disarm it.
                return;
            }
            long began = since;
            if (WAITER.compareAndSet(this, current, NIL)) {
                wake(current, now - began, onLoop);
                return;
            }
        }
    }

    /** The waiter has left the slot: it is woken whatever becomes of the count, which may need memory. */
    private void wake(@Nullable Object woken, long nanos, boolean onLoop) {
        try {
            if (woken != null) {
                waited(woken, nanos, onLoop);
            }
        } finally {
            if (woken instanceof Thread thread) {
                LockSupport.unpark(thread);
            } else if (woken instanceof Dispatch dispatch) {
                desc.loop().start(dispatch, afterLong);
            }
        }
    }

    private void waited(Object waiter, long nanos, boolean onLoop) {
        WaitKind kind =
                mode == Mode.WRITE
                        ? WaitKind.WRITE
                        : waiter instanceof Dispatch ? WaitKind.IDLE : WaitKind.READ;
        if (!desc.isListener()) {
            desc.loop().statistics().waited(kind, Math.max(nanos, 0), onLoop);
        }
    }

    // ---- the deadline -------------------------------------------------------------------------

    long deadline() {
        long when = deadline;
        return when == PASSED ? EXPIRED : when;
    }

    void setDeadline(long when) {
        deadline = when;
    }

    /** Moves the deadline unless it is set to fail all I/O; false then. */
    boolean renewDeadline(long when) {
        long before = deadline;
        while (before != EXPIRED) {
            if (DEADLINE.compareAndSet(this, before, when)) {
                return true;
            }
            before = deadline;
        }
        return false;
    }

    /** Has the deadline passed if it is still {@code seen}. */
    void expire(long seen) {
        expire(seen, desc.now(), false);
    }

    private void expire(long seen, long now, boolean onLoop) {
        if (DEADLINE.compareAndSet(this, seen, PASSED)) {
            try {
                desc.loop().statistics().deadlineExpired(mode);
                record(now - seen);
            } finally {
                evict(now, onLoop);
            }
        }
    }

    private void record(long late) {
        DeadlineExpiredEvent event = new DeadlineExpiredEvent();
        if (event.isEnabled()) {
            event.fd = desc.fd();
            event.mode = mode.name();
            event.late = late;
            event.commit();
        }
    }

    /**
     * Expires a deadline that is due. Runs on the loop's carrier.
     *
     * @return when to look again, or {@link Timer#UNARMED}
     */
    long expireIfDue(long now) {
        long when = deadline;
        if (when > now) {
            return when;
        }
        if (isNoTime(when)) {
            return Timer.UNARMED;
        }
        expire(when, now, true);
        // When that failed the deadline has just moved, and its mover may have seen us still armed.
        long moved = deadline;
        return isNoTime(moved) ? Timer.UNARMED : moved;
    }

    private static boolean isNoTime(long deadline) {
        return deadline == NONE || deadline <= PASSED;
    }

    // ---- for the observer ---------------------------------------------------------------------

    boolean hasParked() {
        Object current = waiter;
        return current == WAIT || current instanceof Thread;
    }

    /** The thread that is parked here; null for none. */
    @Nullable Thread parked() {
        return waiter instanceof Thread thread ? thread : null;
    }

    boolean hasDispatch() {
        return waiter instanceof Dispatch;
    }

    /** When the present wait began, by the ticker; 0 when there is none. */
    long waitingSince() {
        Object current = waiter;
        return current == NIL || current == READY ? 0 : since;
    }

    @Override
    public String toString() {
        Object current = waiter;
        return current == null ? "NIL" : current instanceof Dispatch ? "armed" : current.toString();
    }
}
