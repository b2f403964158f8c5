// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.EpollMask;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.engine.io.Ticker;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The poll descriptor of one file descriptor: a {@link PollSlot} for its reader and one for its
 * writer, the closing bit, and what is known of the peer. Go's {@code runtime.pollDesc}.
 *
 * <pre>
 * status bit    set by                          effect
 * CLOSING       close (anyone), once            both slots evicted; every later wait fails
 * PEER_CLOSED   event with RDHUP, HUP or ERR    the peer watch starts; a short read proves nothing
 * HUNG_UP       event with HUP or ERR           the peer watch starts, again; writes will fail
 * URGENT        event with PRI                  a short read proves nothing: it may end at the mark
 * </pre>
 *
 * Bits are only ever added.
 *
 * <p><b>Moving a deadline costs a volatile write.</b> The one timer of both deadlines is armed for a
 * time at or before the earlier; a deadline that moves back leaves it alone, and the timer arms itself
 * again when it finds that it fired too early.
 *
 * <p>Touched by any thread; {@link #event} and {@link #fire} run on the loop's carrier.
 */
public final class PollDesc extends Timer {

    /** No deadline. */
    public static final long NO_DEADLINE = PollSlot.NONE;

    /** A deadline that has passed: I/O fails at once, and until the deadline is moved. */
    public static final long EXPIRED = PollSlot.EXPIRED;

    private static final int CLOSING = 1;
    private static final int PEER_CLOSED = 2;
    private static final int HUNG_UP = 4;
    private static final int URGENT = 8;

    private static final VarHandle STATUS;
    private static final VarHandle PEER_WATCH;
    private static final VarHandle TOLD;

    static {
        try {
            var lookup = MethodHandles.lookup();
            STATUS = lookup.findVarHandle(PollDesc.class, "status", int.class);
            PEER_WATCH = lookup.findVarHandle(PollDesc.class, "peerWatch", Dispatch.class);
            TOLD = lookup.findVarHandle(PollDesc.class, "told", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PollLoop loop;
    private final Ticker ticker;
    private final int fd;

    /** Tells this use of the fd number from earlier ones; what epoll's data word carries. */
    private final int tag;

    private final PollSlot reader = new PollSlot(this, Mode.READ);
    private final PollSlot writer = new PollSlot(this, Mode.WRITE);

    /** Atomic: CLOSING | PEER_CLOSED | HUNG_UP | URGENT. */
    private volatile int status;

    /** Atomic: started once for each bit of {@link #watched} that is set. */
    private volatile @Nullable Dispatch peerWatch;

    /** Atomic: the status bits that the watch has been started for. */
    private volatile int told;

    /** Set before the first wait. */
    private boolean listener;

    /** The status bits the watch is for. Written before peerWatch, read after it. */
    private int watched;

    /** When bytes came last, by the ticker. Carrier only. */
    private long bytesCameAt;

    /** Nanoseconds from the last bytes to the peer's FIN. Written before PEER_CLOSED, read after it. */
    private long finAfterBytes;

    public PollDesc(PollLoop loop, Ticker ticker, int fd, int tag) {
        this.loop = loop;
        this.ticker = ticker;
        this.fd = fd;
        this.tag = tag;
    }

    public int fd() {
        return fd;
    }

    int tag() {
        return tag;
    }

    PollLoop loop() {
        return loop;
    }

    long now() {
        return ticker.nanoTime();
    }

    /** It listens: waiting for connections counts as no wait. Set before the first accept. */
    public void setListener() {
        listener = true;
    }

    public boolean isListener() {
        return listener;
    }

    PollSlot slot(Mode mode) {
        return mode == Mode.READ ? reader : writer;
    }

    /** What stands in the way of I/O in this direction: READY for nothing. */
    public PollResult check(Mode mode) {
        return slot(mode).check();
    }

    /**
     * What a dispatch was started for: READY for an event, also when the deadline has passed since. Asked
     * by the dispatch before it reads or writes. Only a deadline that a caller set to {@link #EXPIRED}
     * overrules an event.
     */
    public PollResult startedBy(Mode mode) {
        return slot(mode).startedBy();
    }

    /**
     * Parks the calling thread until the descriptor is ready in this direction.
     *
     * <p>Ended by an event, the direction's deadline, closing, or an interrupt of the thread.
     *
     * @throws IllegalStateException when another waits in the same direction
     */
    public PollResult await(Mode mode) {
        WaitEvent event = new WaitEvent(); // gone from compiled code while no recording runs
        event.begin();
        PollResult result = slot(mode).await();
        event.end();
        if (!listener && event.shouldCommit()) {
            event.fd = fd;
            event.mode = mode.name();
            event.result = result.name();
            event.commit();
        }
        return result;
    }

    /**
     * Has {@code dispatch} started on a virtual thread as soon as the descriptor is ready in this
     * direction, its deadline passes, or it closes; at once when one of them already holds. An event
     * stays for the dispatch to consume. Arming what is armed already changes nothing.
     *
     * @return false when a thread waits in that direction: the event will be its, not the dispatch's
     * @throws IllegalStateException when another dispatch is armed in the same direction
     */
    public boolean arm(Mode mode, Dispatch dispatch) {
        return slot(mode).arm(dispatch);
    }

    /** Takes an armed dispatch back; true when that prevented its start. */
    public boolean disarm(Mode mode, Dispatch dispatch) {
        return slot(mode).disarm(dispatch);
    }

    // ---- the peer's leaving -------------------------------------------------------------------

    /**
     * Has {@code watch} started once the peer has closed its side, and once more when the connection is
     * dead both ways; at once for what already holds.
     */
    public void watchHangup(Dispatch watch) {
        watch(watch, PEER_CLOSED | HUNG_UP);
    }

    /** Has {@code watch} started once the connection is dead both ways; at once when it already is. */
    public void watchReset(Dispatch watch) {
        watch(watch, HUNG_UP);
    }

    private void watch(Dispatch watch, int bits) {
        told = 0;
        watched = bits;
        peerWatch = watch;
        startPeerWatch();
    }

    /** Takes the watch back: it is started no more. False when there was none. */
    public boolean unwatchHangup() {
        return peerWatch != null && PEER_WATCH.getAndSet(this, null) != null;
    }

    /**
     * How many nanoseconds after the last bytes the peer's FIN came, as the loop saw it: as little as can
     * be said for sure, 0 for a FIN that came with them. Meaningful once {@link #peerClosed}.
     */
    public long finAfterBytes() {
        return finAfterBytes;
    }

    /** The peer has sent FIN or RST, as far as the loop has seen. Sticky. */
    public boolean peerClosed() {
        return (status & PEER_CLOSED) != 0;
    }

    /** The connection is dead both ways, as far as the loop has seen. Sticky. */
    public boolean hungUp() {
        return (status & HUNG_UP) != 0;
    }

    /** Whether a receive that got less than it asked for has emptied the socket. */
    boolean shortReadDrains() {
        return (status & (PEER_CLOSED | URGENT)) == 0;
    }

    private void startPeerWatch() {
        Dispatch watch = peerWatch;
        if (watch == null) {
            return;
        }
        int due = status & watched;
        int before = (int) TOLD.getAndBitwiseOr(this, due);
        boolean fresh = (due & ~before) != 0;
        if (fresh && takeOrKeep(watch, (due | before) == watched)) {
            loop.start(watch, false);
        }
    }

    /** False when the watch was taken back meanwhile. */
    private boolean takeOrKeep(Dispatch watch, boolean last) {
        return last ? PEER_WATCH.compareAndSet(this, watch, null) : peerWatch == watch;
    }

    /** An event of epoll(7) for this descriptor. Runs on the loop's carrier. */
    public void event(int mask) {
        long now = now();
        event(mask, now, now);
    }

    /** @param earliest when it can have happened at the earliest: the end of the poll before */
    void event(int mask, long now, long earliest) {
        boolean peerClosed = EpollMask.peerClosed(mask);
        if (peerClosed) {
            if (!peerClosed()) {
                finAfterBytes = bytesCameAt == 0 ? 0 : Math.max(earliest - bytesCameAt, 0);
            }
            int bits = EpollMask.hungUp(mask) ? PEER_CLOSED | HUNG_UP : PEER_CLOSED;
            STATUS.getAndBitwiseOr(this, bits);
        }
        if (EpollMask.urgent(mask)) {
            STATUS.getAndBitwiseOr(this, URGENT);
        }
        // An edge comes once: what fails for one waiter must not cost the others theirs.
        try {
            if (EpollMask.readable(mask)) {
                bytesCameAt = now;
                reader.ready(now);
            }
        } finally {
            try {
                if (EpollMask.writable(mask)) {
                    writer.ready(now);
                }
            } finally {
                if (peerClosed) {
                    startPeerWatch();
                }
            }
        }
    }

    // ---- deadlines ----------------------------------------------------------------------------

    /**
     * Sets the deadline of pending and future I/O in this direction.
     *
     * @param when ticker time, {@link #NO_DEADLINE}, or {@link #EXPIRED} to fail I/O at once
     */
    public void setDeadline(Mode mode, long when) {
        PollSlot slot = slot(mode);
        long before = slot.deadline();
        slot.setDeadline(when);
        moved(slot, before, when);
    }

    /**
     * As {@link #setDeadline}, unless the deadline was set to EXPIRED: for I/O that has a time-out while
     * other threads may cancel it.
     *
     * @return false when it is, and stays so
     */
    public boolean renewDeadline(Mode mode, long when) {
        PollSlot slot = slot(mode);
        long before = slot.deadline();
        if (!slot.renewDeadline(when)) {
            return false;
        }
        moved(slot, before, when);
        return true;
    }

    private void moved(PollSlot slot, long before, long when) {
        count(before, when);
        if (when == EXPIRED) {
            slot.evict();
        } else if (when != NO_DEADLINE && (when < armedFor || when < before || before <= 0)) {
            bringForward(slot, when);
        }
    }

    private void count(long before, long when) {
        if (when > 0 && when != before) {
            if (before > 0) {
                loop.statistics().deadlineMoved();
            } else {
                loop.statistics().deadlineSet();
            }
        }
    }

    /**
     * The deadline may be past, and then holds at once, even while a timer armed for earlier is late.
     * One that only moves back is not asked: reading the clock would be most of what that costs.
     */
    private void bringForward(PollSlot slot, long when) {
        if (when <= ticker.nanoTime()) {
            slot.expire(when);
        } else if (when < armedFor) {
            try {
                armTimer(when);
            } catch (OutOfMemoryError e) {
                slot.setDeadline(EXPIRED); // now instead of never: no timer would tell of it
                slot.evict();
                throw e;
            }
        }
    }

    /** Something has gone wrong on the carrier with an event: pending and future I/O fails. */
    void fail() {
        reader.setDeadline(EXPIRED);
        writer.setDeadline(EXPIRED);
        evictBoth();
    }

    private void evictBoth() {
        try {
            reader.evict();
        } finally {
            writer.evict();
        }
    }

    private void armTimer(long when) {
        if (closing() || when == UNARMED) {
            return;
        }
        if (loop.timers().arm(this, when)) {
            loop.timersMoved();
        }
        if (closing()) {
            // Closed meanwhile: close() may have looked before the timer was there.
            loop.timers().cancel(this);
        }
    }

    /** The deadline in this direction: {@link #NO_DEADLINE}, {@link #EXPIRED}, or ticker time. */
    public long deadline(Mode mode) {
        return slot(mode).deadline();
    }

    @Override
    protected void fire(long now) {
        long next = UNARMED;
        try {
            next = reader.expireIfDue(now);
        } finally {
            armTimer(Math.min(next, writer.expireIfDue(now)));
        }
    }

    // ---- closing ------------------------------------------------------------------------------

    boolean closing() {
        return (status & CLOSING) != 0;
    }

    /** Sets the closing bit and wakes both waiters; true for the first call only. */
    boolean close() {
        int before = (int) STATUS.getAndBitwiseOr(this, CLOSING);
        if ((before & CLOSING) != 0) {
            return false;
        }
        evictBoth();
        peerWatch = null;
        if (armedFor != UNARMED) {
            loop.timers().cancel(this);
        }
        return true;
    }

    // ---- for the observer ---------------------------------------------------------------------

    /** Whether a thread is parked, or about to park, in this direction. */
    public boolean hasParked(Mode mode) {
        return slot(mode).hasParked();
    }

    /** The thread that is parked in this direction; null for none. */
    public @Nullable Thread parked(Mode mode) {
        return slot(mode).parked();
    }

    /** Whether a dispatch is armed in this direction. */
    public boolean hasDispatch(Mode mode) {
        return slot(mode).hasDispatch();
    }

    /** When the present wait in this direction began, by the ticker; 0 when there is none. */
    public long waitingSince(Mode mode) {
        return slot(mode).waitingSince();
    }

    @Override
    public String toString() {
        return "PollDesc[fd="
                + fd
                + ", read "
                + reader
                + ", write "
                + writer
                + (closing() ? ", closing]" : "]");
    }
}
