// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.sys.Scratch;
import dev.netpoll.engine.io.Dispatch;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A platform thread that runs an event loop, and the virtual threads the loop carries. Go's M.
 *
 * <p>Owns the {@link Scratch} of every system call made on it, by itself or by a virtual thread it
 * carries. One that has lost its loop, or was not needed, may rest until another loop needs it.
 *
 * <pre>
 * verdict   → verdict   moved by
 * OPEN      → RUN       who took it for a loop (monitor, start): the loop is its own
 * OPEN      → LEAVE     the same: the loop is not
 * RUN       → OPEN      itself, when it has left the loop; before it rests, if it does
 * LEAVE     → OPEN      the same
 * OPEN      → END       the group, when it closes and this one rests
 * </pre>
 */
final class Carrier extends Thread {

    /** Null once freed, and then calls borrow one. This carrier and what it carries only. */
    @Nullable Scratch scratch = new Scratch();

    /** This carrier and what it carries only. */
    final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();

    /** Of the size of TLS records. This carrier and what it carries only. */
    final ArrayDeque<ByteBuffer> records = new ArrayDeque<>();

    /** What its slice continues, or the last one did. This carrier, before its turn; the monitor reads it. */
    private @Nullable Runnable slice;

    /** Whether it is in that slice. This carrier and what it carries only. */
    private boolean inSlice;

    /** The loop's turn before that slice. This carrier only. */
    private long turn;

    /** When that slice began, or a little before. This carrier and what it carries only. */
    private long sliceBegan;

    /** Why the thread is queued that is being started; null while the slice itself tells. This carrier and what it carries only. */
    private WorkQueue.@Nullable Origin starts;

    /** Whether its slice waits for the answer of a peer. This carrier and what it carries only. */
    private boolean asked;

    /** How many continuations the slice has queued so far. This carrier and what it carries only. */
    private int queued;

    /** What becomes of a carrier that has been started. */
    enum Verdict {
        OPEN,
        RUN,
        LEAVE,
        END
    }

    /** Written while the verdict is OPEN, before it is RUN. */
    private EventLoop loop;

    private final Predicate<Carrier> rests;

    /** Since when the slice runs that cost it the loop; 0 while none did. Written by the monitor. */
    private volatile long stuckSince;

    /** The next that lost the same loop. Guarded by the list. */
    @Nullable Carrier nextStuck;

    /** Whether the stall has been told of. Written by the monitor, read by any thread. */
    private volatile boolean told;

    /** Whether it is in {@link EventLoop#run}. Written by this thread. */
    private volatile boolean running;

    /** See the table. Written by one thread at a time. */
    private volatile Verdict verdict = Verdict.OPEN;

    /**
     * Starting it may fail for want of memory or threads, so it is started before anything depends on
     * it, and told afterwards what to do.
     *
     * @param rests told when the carrier has left a loop; false ends it
     */
    Carrier(EventLoop loop, String name, Predicate<Carrier> rests) {
        super(null, null, name, 0, false);
        this.loop = loop;
        this.rests = rests;
        setDaemon(true);
    }

    void beginSlice(Runnable continuation, long from, long now) {
        slice = continuation;
        turn = from;
        sliceBegan = now;
        queued = 0;
        asked = false;
        inSlice = true;
    }

    void endSlice() {
        inSlice = false;
    }

    /** Whether the slice under way has run for long at {@code now}. This carrier and what it carries only. */
    boolean isSliceLong(long now) {
        return inSlice && now - sliceBegan >= BatchEnd.LONG_NANOS;
    }

    /** Starts a dispatch, whose thread has to let others go first where it was armed at the end of a long slice. */
    void start(ThreadStarts threads, Dispatch dispatch, boolean afterLong) {
        starts = afterLong ? WorkQueue.Origin.AFTER_LONG : WorkQueue.Origin.STARTED;
        try {
            threads.start(dispatch);
        } finally {
            starts = null;
        }
    }

    /** Starts a thread for what is new: not for what the slice goes on with. What it carries only. */
    Thread begin(EventLoop on, String name, Runnable task) {
        starts = WorkQueue.Origin.STARTED;
        try {
            return on.start(name, task);
        } finally {
            starts = null;
        }
    }

    /** The slice waits for what a peer that it has asked will answer. This carrier and what it carries only. */
    void asks() {
        asked = true;
    }

    /** Whether the slice that has ended has asked a peer. This carrier only. */
    boolean hasAsked() {
        return asked;
    }

    boolean isInSlice() {
        return inSlice;
    }

    /** The even turn from which its slice began. This carrier only. */
    long turn() {
        return turn;
    }

    /** What the slice continues that is running, or the last one did. */
    @Nullable Runnable slice() {
        return slice;
    }

    /** Why {@code continuation} is queued now. This carrier and what it carries only. */
    WorkQueue.Origin origin(Runnable continuation) {
        if (starts != null) {
            return starts;
        }
        if (!inSlice) {
            return WorkQueue.Origin.RESUMED;
        }
        if (continuation == slice) {
            return WorkQueue.Origin.YIELDED;
        }
        return ++queued > 1 ? WorkQueue.Origin.FANNED_OUT : WorkQueue.Origin.HANDED;
    }

    /** Another loop may need it. It rests, and the caller has it to itself. */
    void lendTo(EventLoop next) {
        loop = next;
    }

    void decide(Verdict decision) {
        verdict = decision;
        LockSupport.unpark(this);
    }

    /** Said before the loop is taken from it, and with 0 when that failed. Stall monitor only. */
    void stuckSince(long nanoTime) {
        told = false;
        stuckSince = nanoTime;
    }

    /** How long the slice has run so far that cost it the loop; 0 when none did. */
    long stuckFor(long now) {
        long since = stuckSince;
        return since == 0 ? 0 : now - since;
    }

    /** Whether its stall is to be told of, and has not been. Stall monitor only. */
    boolean tell() {
        boolean first = !told;
        told = true;
        return first;
    }

    boolean isTold() {
        return told;
    }

    /** Whether it waits for another thread, and not just for a processor. */
    boolean isBlocked() {
        return running && getState() != State.RUNNABLE;
    }

    /** The loop it runs, or ran last. It may own it no longer. */
    EventLoop loop() {
        return loop;
    }

    @Override
    public void run() {
        try {
            while (awaitVerdict() != Verdict.END) {
                if (verdict == Verdict.RUN) {
                    running = true;
                    runLoop();
                    running = false;
                }
                buffers.clear();
                records.clear();
                inSlice = false;
                stuckSince = 0;
                verdict = Verdict.OPEN;
                if (!rests.test(this)) {
                    return;
                }
            }
        } finally {
            free();
        }
    }

    private void runLoop() {
        try {
            loop.run(this);
        } catch (Throwable t) {
            loop.health().orphaned(); // it noted what it could
        }
    }

    private Verdict awaitVerdict() {
        while (verdict == Verdict.OPEN) {
            LockSupport.park(this);
        }
        return verdict;
    }

    /** Gives its native memory back. This thread, or its maker when it could not be started. */
    void free() {
        Scratch own = scratch;
        scratch = null; // first: what ends this thread may still make a call
        if (own != null) {
            own.free();
        }
    }
}
