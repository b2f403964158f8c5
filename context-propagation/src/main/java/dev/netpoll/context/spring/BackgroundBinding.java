// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptScope;

import org.jspecify.annotations.Nullable;

/**
 * Binds the background root to a thread between two calls of that thread which no block encloses, such as
 * the events around an application's runners. The root's end interrupts the thread by its policy. Confined to
 * the thread that opens it.
 */
public final class BackgroundBinding implements AutoCloseable {

    private final BackgroundContexts background;

    private @Nullable Binding binding;
    private @Nullable InterruptScope interrupts;

    /** Not open yet. */
    public BackgroundBinding(BackgroundContexts background) {
        this.background = background;
    }

    /** Binds the root as it is now. Changes nothing while it is open. */
    public void open() {
        if (binding == null) {
            CancelContext root = background.root();
            binding = root.bind();
            interrupts = InterruptScope.openByPolicy(root);
        }
    }

    /** Restores what was bound before. Changes nothing unless it is open. */
    @Override
    public void close() {
        Binding bound = binding;
        InterruptScope interrupting = interrupts;
        if (bound != null && interrupting != null) {
            interrupting.close();
            bound.close();
            binding = null;
            interrupts = null;
        }
    }
}
