// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.PollResult;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A descriptor that stays open while operations use it: a count of them, one reader, one writer, and
 * the close. Go's {@code internal/poll.fdMutex}.
 *
 * <pre>
 * refs = 1 + operations under way; close takes the first one away
 * open, refs ≥ 1 → closed, refs ≥ 0     close, once: sets CLOSED, evicts both waiters, drops its ref
 * refs → 0                              the last operation: leaves the table, then close(2)
 * </pre>
 *
 * <p>So a number is never closed, and never given to another connection, under a call that uses it.
 * Every step is a compare-and-set or an atomic addition. Safe from any thread.
 */
abstract sealed class CountedFd permits PolledFd {

    private static final int CLOSED = 1 << 31;
    private static final int READING = 1 << 30;
    private static final int WRITING = 1 << 29;
    private static final int REFS = WRITING - 1;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CountedFd.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final EpollPoller poller;
    final Kernel kernel;
    final PollDesc desc;
    final int fd;

    /** Atomic: CLOSED | READING | WRITING | references. */
    private volatile int state = 1;

    CountedFd(EpollPoller poller, Kernel kernel, PollDesc desc) {
        this.poller = poller;
        this.kernel = kernel;
        this.desc = desc;
        this.fd = desc.fd();
    }

    /** Holds the descriptor as its one reader, or writer, unless a deadline or a close forbids it. */
    final void begin(Mode mode) throws IOException {
        enter(mode);
        PollResult obstacle = desc.check(mode);
        if (obstacle != PollResult.READY) {
            end(mode);
            throw FdErrors.notReady(this, mode, obstacle);
        }
    }

    /** Holds the descriptor as its one reader, or writer, whatever its deadline. */
    final void enter(Mode mode) throws ClosingException {
        int busy = busy(mode);
        while (true) {
            int s = state;
            if ((s & CLOSED) != 0) {
                throw new ClosingException(mode.operation(), fd);
            }
            if ((s & busy) != 0) {
                throw new IllegalStateException("Two threads at once in " + mode + " of fd " + fd);
            }
            if (STATE.compareAndSet(this, s, (s | busy) + 1)) {
                return;
            }
        }
    }

    /** Ends what {@link #begin} or {@link #enter} began. */
    final void end(Mode mode) {
        int held = busy(mode) + 1;
        drop((int) STATE.getAndAdd(this, -held) - held);
    }

    private static int busy(Mode mode) {
        return mode == Mode.READ ? READING : WRITING;
    }

    /** Holds the descriptor without reading or writing; false once closed. */
    final boolean acquire() {
        int s = state;
        while ((s & CLOSED) == 0) {
            if (STATE.compareAndSet(this, s, s + 1)) {
                return true;
            }
            s = state;
        }
        return false;
    }

    /** Ends what {@link #acquire} began. */
    final void letGo() {
        drop((int) STATE.getAndAdd(this, -1) - 1);
    }

    private void drop(int now) {
        if ((now & REFS) == 0) {
            poller.release(desc);
        }
    }

    /**
     * Closes: both waiters fail with {@link ClosingException}, and once the last operation has ended the
     * descriptor goes back to the kernel. True for the first call only.
     */
    public final boolean close() {
        return close(false);
    }

    /**
     * Closes, and shuts both halves down at once, whatever operation is under way: a listener stops
     * listening before this returns.
     */
    public final boolean closeNow() {
        return close(true);
    }

    private boolean close(boolean shutdown) {
        while (true) {
            int s = state;
            if ((s & CLOSED) != 0) {
                return false;
            }
            if (STATE.compareAndSet(this, s, s | CLOSED)) {
                break;
            }
        }
        if (shutdown) {
            kernel.shutdownBoth(fd);
        }
        try {
            desc.close();
        } finally {
            letGo(); // nothing else would ever give the descriptor back
        }
        return true;
    }

    public final boolean isClosed() {
        return (state & CLOSED) != 0;
    }
}
