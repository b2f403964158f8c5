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
 * <p>Confined to the thread that opens it. Mutable fields: under the lock of {@code interrupts}.
 */
public final class InterruptScope implements AutoCloseable {

    private final ThreadInterrupts interrupts;
    private final CancelHook hook;

    @Nullable InterruptScope outer;
    boolean closed;
    boolean delivered;
    boolean held;

    private InterruptScope(ThreadInterrupts interrupts, CancelContext context) {
        this.interrupts = interrupts;
        interrupts.push(this);
        this.hook = context.onCancelInline(_ -> interrupts.deliver(this));
    }

    /** From now on the calling thread is interrupted when {@code context} ends; now, if it has. */
    public static InterruptScope open(CancelContext context) {
        return new InterruptScope(ThreadInterrupts.enter(), context);
    }

    /** Whether this scope has interrupted the thread. */
    public boolean interrupted() {
        synchronized (interrupts) {
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
        interrupts.requireOwner();
        hook.stop();
        if (!closed) {
            interrupts.pop(this);
        }
    }
}
