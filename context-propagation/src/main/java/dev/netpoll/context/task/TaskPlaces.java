package dev.netpoll.context.task;

import dev.netpoll.context.CancelScope;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The count of a group's running tasks, its limit, and whether more tasks may be added.
 *
 * <pre>
 *   open   → open     take, leave, limit
 *   open   → closed   awaitIdleAndClose, with no place taken; for good
 * </pre>
 *
 * Any thread. Mutable fields: under {@code lock}, which is never held while somebody else's code runs.
 */
final class TaskPlaces {

    private static final int UNLIMITED = -1;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int limit = UNLIMITED;
    private int taken;
    private boolean closed;

    void limit(int places) {
        lock.lock();
        try {
            if (taken > 0) {
                throw new IllegalStateException(
                        "The limit cannot change while " + taken + " tasks are running");
            }
            limit = places < 0 ? UNLIMITED : places;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a place if there is one. */
    boolean tryTake() {
        lock.lock();
        try {
            return takeIfFree();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a place, waiting for it. False: the scope ended first; its end has to {@link #signal}. */
    boolean awaitPlace(CancelScope scope) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            requireOpen();
            while (!scope.isCancelled()) {
                if (takeIfFree()) {
                    return true;
                }
                changed.await();
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The group has been joined or closed");
        }
    }

    private boolean takeIfFree() {
        requireOpen();
        boolean free = limit == UNLIMITED || taken < limit;
        if (free) {
            taken++;
        }
        return free;
    }

    void leave() {
        lock.lock();
        try {
            taken--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes who waits look again. */
    void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isIdle() {
        lock.lock();
        try {
            return taken == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every place has been left; then none can be taken any more. */
    void awaitIdleAndClose() throws InterruptedException {
        lock.lock();
        try {
            while (taken > 0) {
                changed.await();
            }
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
