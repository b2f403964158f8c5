package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * What one thread has open of {@link InterruptScope}s and {@link InterruptShield}s, and the lock that
 * makes an interrupt and the end of its scope exclude each other. There while anything is open.
 *
 * <p>The thread itself opens and closes; any thread delivers. Its own monitor guards all mutable fields
 * here and in the scopes and shields. {@link Thread#interrupt()} is called under it, on purpose: that is
 * the fence. A scope cannot be closed in the middle of its interrupt, nor interrupted once it is closed.
 */
final class ThreadInterrupts {

    private static final ThreadLocal<@Nullable ThreadInterrupts> CURRENT = new ThreadLocal<>();

    private final Thread thread = Thread.currentThread();
    private @Nullable InterruptScope innermost;
    private int shields;

    /** The flag was up before the first of the open scopes put it up: it is not theirs to take down. */
    private boolean foreign;

    private int open; // owner only

    /** The calling thread's, made if need be; one more thing is open on it. */
    static ThreadInterrupts enter() {
        ThreadInterrupts interrupts = CURRENT.get();
        if (interrupts == null) {
            interrupts = new ThreadInterrupts();
            CURRENT.set(interrupts);
        }
        interrupts.open++; // the thread alone counts
        return interrupts;
    }

    /** Whether the calling thread has a shield up. */
    static boolean areHeldOff() {
        ThreadInterrupts interrupts = CURRENT.get();
        return interrupts != null && interrupts.isShielded();
    }

    private synchronized boolean isShielded() {
        return shields > 0;
    }

    private void leave() {
        if (--open == 0) {
            CURRENT.remove();
        }
    }

    /** Interrupting an owner from a foreign thread's mistake would be the very leak this prevents. */
    void requireOwner() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(
                    "Opened on " + thread + ", closed on " + Thread.currentThread());
        }
    }

    synchronized void push(InterruptScope scope) {
        scope.outer = innermost;
        innermost = scope;
    }

    /** Any thread: the scope's context has ended. */
    synchronized void deliver(InterruptScope scope) {
        if (scope.closed) {
            return;
        }
        if (shields > 0) {
            scope.held = true;
        } else {
            interrupt(scope);
        }
    }

    private void interrupt(InterruptScope scope) {
        if (!anyDelivered()) {
            foreign = thread.isInterrupted();
        }
        scope.held = false;
        scope.delivered = true;
        thread.interrupt();
    }

    /** Owner only. The flag goes with the scope, unless an outer one or a foreigner set it as well. */
    synchronized void pop(InterruptScope scope) {
        if (innermost != scope) {
            throw new IllegalStateException("Interrupt scopes must be closed in reverse order");
        }
        innermost = scope.outer;
        scope.closed = true;
        if (scope.delivered && !anyDelivered() && !foreign) {
            Thread.interrupted();
        }
        leave();
    }

    private boolean anyDelivered() {
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            if (scope.delivered) {
                return true;
            }
        }
        return false;
    }

    /** Owner only. What was delivered and not taken yet is held again. */
    synchronized void shield() {
        shields++;
        if (anyDelivered() && !foreign && Thread.interrupted()) {
            for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
                scope.held |= scope.delivered;
                scope.delivered = false;
            }
        }
    }

    /** Any thread: one shield less; without any, what was held is delivered. */
    synchronized void unshield(InterruptShield shield) {
        if (shield.released) {
            return;
        }
        shield.released = true;
        if (--shields > 0) {
            return;
        }
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            if (scope.held) {
                interrupt(scope);
            }
        }
    }

    /** Owner only, after the release. */
    void leaveShield() {
        leave();
    }
}
