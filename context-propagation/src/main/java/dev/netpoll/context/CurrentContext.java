// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * The thread's slot for its current context, for bridges that save and restore thread-bound state
 * themselves (Micrometer's propagation is one). All other code binds by scope: {@link
 * CancelContext#bind()}, {@link CancelContext#run}, {@link CancelContext#call}.
 */
public final class CurrentContext {

    private CurrentContext() {}

    /** The calling thread's current context, or null. */
    public static @Nullable CancelContext get() {
        return ThreadState.currentContext();
    }

    /**
     * Makes {@code context} the calling thread's current one; null empties the slot, leaving nothing
     * behind on a pooled thread.
     */
    public static void set(@Nullable CancelContext context) {
        if (context != null || get() != null) {
            ThreadState.ofThisThread().replace(context);
        }
    }
}
