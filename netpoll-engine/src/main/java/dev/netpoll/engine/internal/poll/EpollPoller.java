// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.EpollEvents;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.Ticker;

import java.io.IOException;

/**
 * One epoll instance and the eventfd that ends its wait.
 *
 * <p>{@link #await} and {@link #dispatch} belong to one thread at a time; everything else is safe from any. A descriptor is
 * registered once in its life, edge-triggered for both directions and the peer's FIN; close(2) takes
 * it out again (epoll(7), Q6).
 *
 * <p>The eventfd is edge-triggered too and never read: each signal is a new edge, and its counter
 * would need 2^64 of them to fill.
 */
public final class EpollPoller {

    /** No descriptor has tag 0, so no descriptor's data is -1. */
    private static final long WAKE_UP = -1;

    static final int EVENTS_PER_POLL = 512;

    /** More than a poll takes that finds its events there. */
    private static final long WAITED_NANOS = 20_000;

    private final Kernel kernel;
    private final Ticker ticker;
    private final PollTable table;
    private final SyscallErrors errors;
    private final int epfd;
    private final int eventFd;
    private final EpollEvents events;

    /** When the poll before this one ended, by the ticker. Carrier only. */
    private long polledBefore;

    /** When what the last {@link #await} found can have happened at the earliest. Carrier only. */
    private long earliest;

    /** Threads are inside while they use one of the two descriptors in a system call. */
    private final CloseGate gate = new CloseGate();

    public EpollPoller(Kernel kernel, Ticker ticker, PollTable table, SyscallErrors errors)
            throws IOException {
        this.kernel = kernel;
        this.ticker = ticker;
        this.table = table;
        this.errors = errors;
        this.epfd = checked("epoll_create1", kernel.epollCreate());
        int wakeUp = kernel.eventFd();
        if (wakeUp < 0) {
            kernel.close(epfd);
            throw new KernelException("eventfd", -1, wakeUp);
        }
        this.eventFd = wakeUp;
        this.events = kernel.newEvents(EVENTS_PER_POLL);
        int added = kernel.epollAddReadable(epfd, eventFd, WAKE_UP);
        if (added < 0) {
            close();
            throw new KernelException("epoll_ctl", eventFd, added);
        }
    }

    /**
     * Puts {@code fd} under this poller; its waiters run on {@code loop}. Takes the descriptor over: on
     * failure it is closed.
     *
     * @throws ClosingException when the poller is closed
     */
    public PolledFd register(PollLoop loop, int fd) throws IOException {
        if (!gate.enter()) {
            kernel.close(fd);
            throw new ClosingException("the engine is closing");
        }
        PollDesc desc = table.open(loop, ticker, fd);
        PolledFd polled = new PolledFd(this, kernel, desc);
        int r = kernel.epollAdd(epfd, fd, PollTable.data(desc));
        leave();
        if (r < 0) {
            errors.count("epoll_ctl", r);
            polled.close();
            throw new KernelException("epoll_ctl", fd, r);
        }
        if (gate.isClosed()) {
            // Closed meanwhile: the walk that told all descriptors may have come before this one.
            polled.close();
            throw new ClosingException("the engine is closing");
        }
        return polled;
    }

    /** The last reference is gone. The number may come back to us as soon as close(2) returns. */
    void release(PollDesc desc) {
        table.remove(desc);
        int r = kernel.close(desc.fd());
        if (r < 0) {
            errors.count("close", r);
        }
    }

    /**
     * Waits for events. {@link #dispatch} comes next.
     *
     * @param timeoutNanos 0 to look only, negative for ever
     * @return how many there are
     */
    public int await(long timeoutNanos) {
        long began = timeoutNanos == 0 ? 0 : ticker.nanoTime();
        int n = kernel.epollWait(epfd, events, timeoutNanos);
        long now = ticker.nanoTime();
        // A poll that had to wait found nothing when it began: its events are as old as its end.
        boolean waited = timeoutNanos != 0 && now - began > WAITED_NANOS;
        earliest = waited ? now : polledBefore;
        polledBefore = now;
        if (n >= 0) {
            return n;
        }
        if (Errno.EINTR.is(n)) {
            return 0;
        }
        throw new IllegalStateException("epoll_wait: " + Errno.nameOf(n));
    }

    /**
     * Hands the {@code count} events of the last {@link #await} to their descriptors, and looks for more
     * behind them when there was no room for all: what had come by then has its event afterwards.
     *
     * @return how many descriptors had one, the wake-up not among them
     */
    public int dispatch(int count) {
        int handled = handOut(count);
        int last = count;
        long asOldAs = earliest;
        while (last == EVENTS_PER_POLL) {
            last = await(0);
            earliest = asOldAs; // they may have been there with the first
            handled += handOut(last);
        }
        return handled;
    }

    private int handOut(int count) {
        int handled = 0;
        long now = polledBefore;
        for (int i = 0; i < count; i++) {
            long data = events.data(i);
            PollDesc desc = data == WAKE_UP ? null : table.find(data);
            if (desc != null) {
                desc.event(events.mask(i), now, earliest);
                handled++;
            }
        }
        return handled;
    }

    /** Ends the current {@link #await}, or the next. Does nothing once closed. */
    public void wakeUp() {
        if (gate.enter()) {
            int r = kernel.eventFdSignal(eventFd);
            leave();
            if (r < 0) {
                throw new IllegalStateException("write to the eventfd: " + Errno.nameOf(r));
            }
        }
    }

    SyscallErrors errors() {
        return errors;
    }

    /**
     * Closes both descriptors, as soon as the last thread that is about to register or to signal
     * has left. No thread may be polling.
     */
    public void close() {
        if (gate.close()) {
            closeBoth();
        }
    }

    private void leave() {
        if (gate.leave()) {
            closeBoth();
        }
    }

    private void closeBoth() {
        kernel.close(eventFd);
        kernel.close(epfd);
    }

    private static int checked(String syscall, int result) throws KernelException {
        if (result < 0) {
            throw new KernelException(syscall, -1, result);
        }
        return result;
    }
}
