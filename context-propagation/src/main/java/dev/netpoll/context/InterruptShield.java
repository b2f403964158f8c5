// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/**
 * Holds the interrupts of the thread's {@link InterruptScope}s off while something runs that an
 * interrupt would break and that has a better way to be stopped: a JDBC statement, whose connection an
 * interrupt would cost and a {@code Statement.cancel()} does not.
 *
 * <pre>{@code
 * try (InterruptShield shield = InterruptShield.open();
 *         CancelHook hook = context.onCancel(statement::cancelQuietly)) {
 *     statement.execute();
 * }   // now the interrupt arrives, if the context has ended
 * }</pre>
 *
 * <p>An interrupt of a scope that is already on the thread is taken off and held too. Interrupts from
 * elsewhere are not held. Opened and closed by one thread; {@link #release()} by any.
 */
public final class InterruptShield implements AutoCloseable {

    private final ThreadState thread;
    private boolean closed; // owner only
    boolean released; // under the lock of thread

    private InterruptShield(ThreadState thread) {
        this.thread = thread;
        thread.shield();
    }

    /** From now on the calling thread's interrupt scopes wait. */
    public static InterruptShield open() {
        return new InterruptShield(ThreadState.ofThisThread());
    }

    /**
     * Whether the calling thread's interrupts are held off now: code that relies on them needs another
     * way.
     */
    public static boolean isOpen() {
        return ThreadState.areInterruptsHeldOff();
    }

    /**
     * Lets through what was held, and what comes: the better way has not helped. From any thread;
     * idempotent; without effect once the shield is closed.
     */
    public void release() {
        thread.unshield(this);
    }

    /**
     * Ends the shield; held interrupts are delivered. Idempotent.
     *
     * @throws IllegalStateException on another thread
     */
    @Override
    public void close() {
        thread.requireOwner();
        if (!closed) {
            closed = true;
            release();
            thread.leave();
        }
    }
}
