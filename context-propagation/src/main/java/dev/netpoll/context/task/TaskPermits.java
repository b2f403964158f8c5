// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelScope;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The count of a group's running tasks, its limit, and whether more tasks may be added.
 *
 * <pre>
 *   open   → open     acquire, release, limit
 *   open   → closed   awaitIdleAndClose, with no permit taken; for good
 * </pre>
 *
 * Any thread. Mutable fields: under {@code lock}, which is never held while foreign code runs.
 */
final class TaskPermits {

    private static final int UNLIMITED = -1;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int limit = UNLIMITED;
    private int taken;
    private boolean closed;

    void limit(int permits) {
        lock.lock();
        try {
            if (taken > 0) {
                throw new IllegalStateException(
                        "The limit cannot change while " + taken + " tasks are running");
            }
            limit = permits < 0 ? UNLIMITED : permits;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit if there is one. */
    boolean tryAcquire() {
        lock.lock();
        try {
            return acquireIfFree();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit, waiting for one. False: the scope ended first; its end has to {@link #signal}. */
    boolean awaitPermit(CancelScope scope) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            requireOpen();
            while (!scope.isCancelled()) {
                if (acquireIfFree()) {
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

    private boolean acquireIfFree() {
        requireOpen();
        boolean free = limit == UNLIMITED || taken < limit;
        if (free) {
            taken++;
        }
        return free;
    }

    void release() {
        lock.lock();
        try {
            taken--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes waiting threads look again. */
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

    /** Waits until every permit has been released; then none can be taken any more. */
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
