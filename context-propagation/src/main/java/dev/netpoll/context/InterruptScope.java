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
 * <p>On a virtual thread an interrupt during socket I/O closes the socket. Code that has a gentler way
 * to stop holds interrupts off with an {@link InterruptShield}.
 *
 * <p>Confined to the thread that opens it. Mutable fields: under the lock of {@code thread}.
 */
public final class InterruptScope implements AutoCloseable {

    private final ThreadState thread;
    private final @Nullable CancelHook hook;

    @Nullable InterruptScope outer;
    boolean closed;
    boolean told;
    boolean delivered;
    boolean held;

    private InterruptScope(ThreadState thread, @Nullable CancelContext context) {
        this.thread = thread;
        thread.push(this);
        this.hook = context == null ? null : context.onCancelInline(_ -> interrupt());
    }

    /** From now on the calling thread is interrupted when {@code context} ends; now, if it has. */
    public static InterruptScope open(CancelContext context) {
        return new InterruptScope(ThreadState.ofThisThread(), context);
    }

    /** From now on the calling thread is interrupted when somebody {@linkplain #interrupt() says so}. */
    public static InterruptScope open() {
        return new InterruptScope(ThreadState.ofThisThread(), null);
    }

    /** Interrupts the thread that opened it, once; not when it is closed. From any thread. */
    public void interrupt() {
        thread.deliver(this);
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
