// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * What one thread has of this package: its current context, and what it has open of {@link
 * InterruptScope}s and {@link InterruptShield}s with the lock that makes an interrupt and the end of
 * its scope exclude each other. One thread-local for all of it, there while there is anything.
 *
 * <p>The thread itself binds, opens and closes; any thread delivers interrupts. Its own monitor guards
 * the mutable fields that are not the owner's, here and in the scopes and shields. {@link
 * Thread#interrupt()} is called under it, on purpose: that is the fence. A scope cannot be closed in
 * the middle of its interrupt, nor interrupted once it is closed.
 */
final class ThreadState {

    private static final ThreadLocal<@Nullable ThreadState> STATE = new ThreadLocal<>();

    private final Thread thread = Thread.currentThread();

    private @Nullable CancelContext current; // owner only
    private int open; // owner only: bindings, interrupt scopes and shields

    private @Nullable InterruptScope innermost;
    private int shields;

    /** An {@link InterruptWatch} is under way, for all that is pending. */
    private boolean watched;

    /** The flag was up before the first of the open scopes put it up: it is not theirs to take down. */
    private boolean foreign;

    /** The calling thread's, made if need be; it stays until it is {@linkplain #tidy empty}. */
    static ThreadState ofThisThread() {
        ThreadState state = STATE.get();
        if (state == null) {
            state = new ThreadState();
            STATE.set(state);
        }
        return state;
    }

    /** The context bound to the calling thread, or null. */
    static @Nullable CancelContext currentContext() {
        ThreadState state = STATE.get();
        return state == null ? null : state.current;
    }

    /** Whether the calling thread has a shield up. */
    static boolean areInterruptsHeldOff() {
        ThreadState state = STATE.get();
        return state != null && state.isShielded();
    }

    /** Owner only. One thing less is open; leaves nothing behind on a pooled thread. */
    void leave() {
        open--;
        tidy();
    }

    private void tidy() {
        if (open == 0 && current == null) {
            STATE.remove();
        }
    }

    /**
     * No thread unbinds, closes or interrupts for another: the owner would keep a context that is
     * not its own, and this thread would get one.
     */
    void requireOwner() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(
                    "Opened on " + thread + ", closed on " + Thread.currentThread());
        }
    }

    // ---- the current context, owner only

    /** Until the binding {@linkplain #unbind closes}. */
    @Nullable CancelContext bind(CancelContext context) {
        CancelContext previous = current;
        open++;
        current = context;
        return previous;
    }

    void unbind(@Nullable CancelContext previous) {
        current = previous;
        leave();
    }

    /** Beside all bindings. */
    void replace(@Nullable CancelContext context) {
        current = context;
        tidy();
    }

    // ---- interrupts

    private synchronized boolean isShielded() {
        return shields > 0;
    }

    /** Owner only. */
    synchronized void push(InterruptScope scope) {
        open++;
        scope.outer = innermost;
        innermost = scope;
    }

    /** Any thread, once a scope: what it waits for has happened. */
    void deliver(InterruptScope scope) {
        boolean watch;
        synchronized (this) {
            if (scope.closed || scope.told || scope.policy == InterruptPolicy.NEVER) {
                return;
            }
            scope.told = true;
            watch = letThrough();
        }
        startWatch(watch);
    }

    /** The same whatever its policy says, and even if it has been told. */
    void deliverNow(InterruptScope scope) {
        boolean watch;
        synchronized (this) {
            if (scope.closed) {
                return;
            }
            scope.told = true;
            scope.policy = InterruptPolicy.ALWAYS;
            watch = letThrough();
        }
        startWatch(watch);
    }

    /**
     * Under the lock: delivers what may be delivered at any time. True if there is more, and no watch
     * that waits for its time.
     */
    private boolean letThrough() {
        if (shields > 0) {
            return false;
        }
        InterruptScope last = null;
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            if (isPending(scope) && scope.policy == InterruptPolicy.ALWAYS) {
                last = scope;
            }
        }
        if (last != null) {
            interruptPending(last); // what is inside of one has been interrupted with it
        }
        boolean start = anyPending() && !watched;
        watched |= start;
        return start;
    }

    private static boolean isPending(InterruptScope scope) {
        return scope.told && !scope.delivered;
    }

    private void startWatch(boolean needed) {
        if (needed) {
            InterruptWatch.start(this, thread);
        }
    }

    /** The watch: whether it goes on. If not, the next interrupt that has to wait starts another. */
    synchronized boolean isWatchNeeded() {
        boolean needed = shields == 0 && thread.isAlive() && anyPending();
        watched = needed;
        return needed;
    }

    private boolean anyPending() {
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            if (isPending(scope)) {
                return true;
            }
        }
        return false;
    }

    /** The watch could not be started. */
    synchronized void isNotWatched() {
        watched = false;
    }

    /**
     * The watch: delivers what may be delivered into that wait, if the thread is still in it. True if
     * there was something.
     *
     * @param lasts whether the thread has been in it for a while
     */
    synchronized boolean deliverInto(InterruptibleWait wait, boolean lasts) {
        InterruptScope last = null;
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            if (isPending(scope) && scope.allows(wait.kind(), lasts)) {
                last = scope;
            }
        }
        if (last == null || shields > 0 || !wait.isStillOn(thread)) {
            return false;
        }
        interruptPending(last);
        return true;
    }

    /** One interrupt for all that is pending up to {@code last}. */
    private void interruptPending(InterruptScope last) {
        if (!anyDelivered()) {
            foreign = thread.isInterrupted();
        }
        for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
            scope.delivered |= scope.told;
            if (scope == last) {
                break;
            }
        }
        thread.interrupt();
    }

    /** Owner only. The flag goes with the scope, unless an outer one or a foreigner set it as well. */
    void pop(InterruptScope scope) {
        synchronized (this) {
            if (innermost != scope) {
                throw new IllegalStateException("Interrupt scopes must be closed in reverse order");
            }
            innermost = scope.outer;
            scope.closed = true;
            if (scope.delivered && !anyDelivered() && !foreign) {
                Thread.interrupted();
            }
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

    /** Owner only. What was delivered and not taken yet is pending again. */
    synchronized void shield() {
        open++;
        shields++;
        if (anyDelivered() && !foreign && Thread.interrupted()) {
            for (InterruptScope scope = innermost; scope != null; scope = scope.outer) {
                scope.delivered = false;
            }
        }
    }

    /** Any thread: one shield less; without any, what is pending goes its way. */
    void unshield(InterruptShield shield) {
        boolean watch;
        synchronized (this) {
            if (shield.released) {
                return;
            }
            shield.released = true;
            shields--;
            watch = letThrough();
        }
        startWatch(watch);
    }
}
