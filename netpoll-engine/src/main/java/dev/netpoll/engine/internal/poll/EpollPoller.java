// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.EpollEvents;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.Ticker;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

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

    private static final long PAUSE_NANOS = 1_000_000;

    private final Kernel kernel;
    private final Ticker ticker;
    private final PollTable table;
    private final SyscallErrors errors;

    /** Written by the carrier when the one before has become useless, read by anyone. */
    private volatile int epfd;

    /** As {@link #epfd}. */
    private volatile int eventFd;

    /** Carrier only. */
    private EpollEvents events;

    /** How many events the last poll brought. Carrier only. */
    private int filled;

    /** How many of them have been handed out. Carrier only. */
    private int handed;

    /** The result of the poll that failed, while {@link #recover} has not succeeded. Carrier only. */
    private int failed;

    /** Whether the failed epoll instance is still ours, and not another file's number. Carrier only. */
    private boolean failedIsOurs;

    /** Held while descriptors move to a new epoll instance, and while one leaves the table. */
    private final SpinLock moving = new SpinLock();

    /** When the poll before this one ended, by the ticker. Carrier only. */
    private long polledBefore;

    /** When what the last {@link #await} found can have happened at the earliest. Carrier only. */
    private long earliest;

    /** Threads are inside while they use one of the two descriptors in a system call. */
    private final CloseGate gate = new CloseGate();

    /** Set before the table is walked for the last time, read after a descriptor is in it. */
    private volatile boolean refuses;

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
        PollDesc desc = null;
        PolledFd polled;
        int r;
        try {
            desc = table.open(loop, ticker, fd);
            polled = new PolledFd(this, kernel, desc);
            r = add(desc);
        } catch (Throwable t) {
            if (desc != null) {
                table.remove(desc);
            }
            close(fd);
            throw t;
        } finally {
            leave();
        }
        if (r < 0) {
            errors.count("epoll_ctl", r);
            polled.close();
            throw new KernelException("epoll_ctl", fd, r);
        }
        if (refuses()) {
            // The walk that tells all descriptors may have come before this one.
            polled.close();
            throw new ClosingException("the engine is closing");
        }
        return polled;
    }

    /** To the epoll instance of the moment; {@link #recover} may have moved all to a new one meanwhile. */
    private int add(PollDesc desc) {
        while (true) {
            int instance = epfd;
            int r = kernel.epollAdd(instance, desc.fd(), PollTable.data(desc));
            if (instance == epfd) {
                return Errno.EEXIST.is(r) ? 0 : r; // it was moved with the others
            }
        }
    }

    /** The last reference is gone. The number may come back to us as soon as close(2) returns. */
    void release(PollDesc desc) {
        moving.lock();
        table.remove(desc);
        moving.unlock();
        int r = close(desc.fd());
        if (r < 0) {
            errors.count("close", r);
        }
    }

    /** A call that lacked memory was not made; nobody else would make it. */
    private int close(int fd) {
        while (true) {
            try {
                return kernel.close(fd);
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    /**
     * Waits for events. {@link #dispatch} comes next.
     *
     * @param timeoutNanos 0 to look only, negative for ever
     * @return how many there are
     */
    public int await(long timeoutNanos) {
        if (handed < filled) {
            // The round before failed on its way through them, and an edge comes once.
            return filled;
        }
        long began = timeoutNanos == 0 ? 0 : ticker.nanoTime();
        int n = kernel.epollWait(epfd, events, timeoutNanos);
        handed = 0;
        filled = Math.max(n, 0);
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
        failed = n;
        failedIsOurs = !Errno.EBADF.is(n) && !Errno.EINVAL.is(n);
        errors.count("epoll_wait", n);
        throw new IllegalStateException("epoll_wait: " + Errno.nameOf(n));
    }

    /**
     * Makes a new epoll instance for {@code loop}'s descriptors when the last poll failed, whatever took the
     * old one: code that closes numbers it does not own, above all. A new registration tells at once what
     * holds, so no event is lost. Called by the carrier until it succeeds.
     *
     * @throws IllegalStateException when the kernel gives none
     */
    public void recover(PollLoop loop) {
        if (failed == 0) {
            return;
        }
        EpollEvents room = kernel.newEvents(EVENTS_PER_POLL);
        int instance = made("epoll_create1", kernel.epollCreate());
        int signal = eventFd;
        int added = kernel.epollAddReadable(instance, signal, WAKE_UP);
        if (added < 0) { // its number is not ours any more either
            signal = kernel.eventFd();
            added = signal < 0 ? signal : kernel.epollAddReadable(instance, signal, WAKE_UP);
        }
        if (added < 0) {
            kernel.close(instance);
            made("eventfd", added);
        }
        int before = epfd;
        events = room;
        eventFd = signal;
        epfd = instance;
        if (failedIsOurs) {
            kernel.close(before);
        }
        failedIsOurs = true; // should the walk fail, too
        table.forEach(desc -> move(desc, loop, instance));
        failed = 0;
    }

    private int made(String syscall, int result) {
        if (result < 0) {
            errors.count(syscall, result);
            throw new IllegalStateException(syscall + ": " + Errno.nameOf(result));
        }
        return result;
    }

    private void move(PollDesc desc, PollLoop loop, int instance) {
        if (desc.loop() != loop) {
            return;
        }
        long data = PollTable.data(desc);
        moving.lock();
        // A descriptor that is still in the table has not been closed.
        int r = table.find(data) == desc ? kernel.epollAdd(instance, desc.fd(), data) : 0;
        moving.unlock();
        if (r < 0 && !Errno.EEXIST.is(r)) {
            errors.count("epoll_ctl", r);
            desc.fail();
        }
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
        while (handed < count) {
            long data = events.data(handed);
            int mask = events.mask(handed);
            PollDesc desc = data == WAKE_UP ? null : table.find(data);
            handed++;
            if (desc != null) {
                event(desc, mask, now);
                handled++;
            }
        }
        return handled;
    }

    /** An edge comes once: what goes wrong with one ends its connection and costs the others nothing. */
    private void event(PollDesc desc, int mask, long now) {
        try {
            desc.event(mask, now, earliest);
        } catch (Throwable t) {
            desc.loop().failed(t);
            failQuietly(desc);
        }
    }

    private static void failQuietly(PollDesc desc) {
        try {
            desc.fail();
        } catch (Throwable t) {
            desc.loop().failed(t);
        }
    }

    /** Whether events wait for the next {@link #await}. Any thread. */
    public boolean hasEvents() {
        if (!gate.enter()) {
            return false;
        }
        try {
            return kernel.epollReady(epfd) > 0;
        } finally {
            leave();
        }
    }

    /** Ends the current {@link #await}, or the next. Does nothing once closed. */
    public void wakeUp() {
        if (gate.enter()) {
            int r;
            try {
                r = kernel.eventFdSignal(eventFd);
            } finally {
                leave();
            }
            if (r < 0) {
                throw new IllegalStateException("write to the eventfd: " + Errno.nameOf(r));
            }
        }
    }

    SyscallErrors errors() {
        return errors;
    }

    private boolean refuses() {
        return refuses;
    }

    /** Takes no descriptors any more: what is in the table after this is all that is to be told of the close. */
    public void refuse() {
        refuses = true;
    }

    /**
     * Closes both descriptors, as soon as the last thread that is about to register or to signal
     * has left. No thread may be polling.
     */
    public void close() {
        refuse();
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
