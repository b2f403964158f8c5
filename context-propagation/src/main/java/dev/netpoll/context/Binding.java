// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * One binding of a context to the thread that made it; closing it brings back what was bound before.
 * Confined to that thread. Bindings close in the reverse order of their making, which
 * try-with-resources sees to.
 */
public final class Binding implements AutoCloseable {

    private final ThreadState thread = ThreadState.ofThisThread();
    private final @Nullable CancelContext previous;
    private boolean closed; // owner only

    Binding(CancelContext context) {
        previous = thread.bind(context);
    }

    /**
     * Restores the thread's former current context. Idempotent.
     *
     * @throws IllegalStateException on another thread: the owner would keep a context that is not its
     *     own, and this thread would get one
     */
    @Override
    public void close() {
        thread.requireOwner();
        if (!closed) {
            closed = true;
            thread.unbind(previous);
        }
    }
}
