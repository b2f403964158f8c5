package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * One binding of a context to the thread that made it; closing it brings back what was bound before.
 * Confined to that thread. Bindings close in the reverse order of their making, which
 * try-with-resources sees to.
 */
public final class Binding implements AutoCloseable {

    private final Thread owner = Thread.currentThread();
    private final @Nullable CancelContext previous;
    private boolean closed; // owner only

    Binding(CancelContext context) {
        previous = CurrentContext.get();
        CurrentContext.set(context);
    }

    /**
     * Restores the thread's former current context. Idempotent.
     *
     * @throws IllegalStateException on another thread: the owner would keep a context that is not its
     *     own, and this thread would get one
     */
    @Override
    public void close() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(
                    "A context bound on " + owner + " was unbound on " + Thread.currentThread());
        }
        if (!closed) {
            closed = true;
            CurrentContext.set(previous);
        }
    }
}
