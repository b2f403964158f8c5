// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread that opened it when a context ends, and never later: once it is closed no
 * interrupt of its making arrives or is left on the thread, however the two race.
 *
 * <pre>{@code
 * try (InterruptScope _ = InterruptScope.open(context)) {
 *     queue.take();          // InterruptedException as soon as the context ends
 * }
 * unrelated.take();          // never hit by that interrupt
 * }</pre>
 *
 * <p>Scopes nest; an inner one leaves the outer one's interrupt alone, and an interrupt from
 * elsewhere that was there before the scope's own stays. One that arrives after it cannot be told from
 * it and is cleared with it.
 *
 * <p>On a virtual thread an interrupt during socket I/O closes the socket, on any thread one during the
 * I/O of a file channel closes that. Code that has a gentler way to stop holds interrupts off with an
 * {@link InterruptShield}; for code that may do anything there is {@link InterruptPolicy#WHEN_WAITING}.
 *
 * <p>Confined to the thread that opens it. Mutable fields: under the lock of {@code thread}.
 */
public final class InterruptScope implements AutoCloseable {

    private final ThreadState thread;
    private final @Nullable CancelHook hook;

    /** Around one call, whose end takes the interrupt off the thread before anything else is done. */
    private final boolean call;

    InterruptPolicy policy;
    @Nullable InterruptScope outer;
    boolean closed;

    /** What it waits for has happened. */
    boolean told;

    /** It has interrupted the thread, and no shield has taken that back. */
    boolean delivered;

    private InterruptScope(
            ThreadState thread,
            @Nullable CancelContext context,
            InterruptPolicy policy,
            boolean call) {
        this.thread = thread;
        this.call = call;
        this.policy = policy;
        thread.push(this);
        this.hook =
                context == null || policy == InterruptPolicy.NEVER
                        ? null
                        : context.onCancelInline(_ -> interrupt());
    }

    /**
     * From now on the calling thread is interrupted when {@code context} ends, whatever it does; now, if
     * it has. For code that knows what it runs.
     */
    public static InterruptScope open(CancelContext context) {
        return open(context, InterruptPolicy.ALWAYS);
    }

    /** From now on the end of {@code context} interrupts the calling thread as {@code policy} says. */
    public static InterruptScope open(CancelContext context, InterruptPolicy policy) {
        return new InterruptScope(ThreadState.ofThisThread(), context, policy, false);
    }

    /** The same by the policy of the context itself. For code that may do anything. */
    public static InterruptScope openByPolicy(CancelContext context) {
        return open(context, InterruptPolicy.of(context));
    }

    /**
     * The same for a call that has no other way to be ended, and takes an interrupt well: for a pool's
     * next connection, for an HTTP client. By the context's policy, but at least while it waits, for
     * bytes from a socket too.
     */
    public static InterruptScope openForCall(CancelContext context) {
        boolean always = InterruptPolicy.of(context) == InterruptPolicy.ALWAYS;
        return new InterruptScope(
                ThreadState.ofThisThread(),
                context,
                always ? InterruptPolicy.ALWAYS : InterruptPolicy.WHEN_WAITING,
                true);
    }

    /** From now on the calling thread is interrupted by {@link #interrupt()}. */
    public static InterruptScope open(InterruptPolicy policy) {
        return new InterruptScope(ThreadState.ofThisThread(), null, policy, false);
    }

    /**
     * Interrupts the thread that opened it, once, as its policy says; not when it is closed. From any
     * thread; never waits.
     */
    public void interrupt() {
        thread.deliver(this);
    }

    /**
     * Interrupts it at once, whatever its policy says: for a caller that has asked for an interrupt and
     * nothing else, as {@link java.util.concurrent.Future#cancel Future.cancel(true)} does.
     */
    public void interruptNow() {
        thread.deliverNow(this);
    }

    /** Whether it may interrupt a thread in such a wait. */
    boolean allows(InterruptibleWait.Kind wait, boolean lasts) {
        return call
                || switch (wait) {
                    case SURE -> true;
                    case LIKELY -> lasts;
                    case SOCKET -> false;
                };
    }

    /** Whether this scope has interrupted the thread. */
    public boolean interrupted() {
        synchronized (thread) {
            return delivered;
        }
    }

    /**
     * Ends the scope; waits for an interrupt that is just being delivered, and clears it. Idempotent.
     *
     * @throws IllegalStateException on another thread, or when a scope inside it is still open
     */
    @Override
    public void close() {
        thread.requireOwner();
        if (hook != null) {
            hook.stop();
        }
        if (!closed) {
            thread.pop(this);
        }
    }
}
