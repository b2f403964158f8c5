// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/**
 * Notifies the owner, the children and the hooks of a context that it has ended. Runs on the thread that
 * ended the context, or on one that its runtime starts for that.
 */
final class EndNotification {

    private static final Logger LOG = System.getLogger(CancelScope.class.getName());

    private EndNotification() {}

    /** Tells the owner of any end but a completion, under the class loader it was given with. */
    static void tellOwner(
            @Nullable Consumer<? super CancelCause> owner,
            @Nullable ClassLoader loader,
            @Nullable CancelCause end) {
        if (owner == null || end == null || end instanceof CancelCause.Completed) {
            return;
        }
        try {
            ContextLoader.accept(loader, owner, end);
        } catch (Throwable failure) {
            // As with hooks: the others still have to be told.
            LOG.log(
                    Level.WARNING,
                    "The owner of a context failed (" + end.message() + ")",
                    failure);
        }
    }

    /**
     * Ends the children and fires the hooks of a list this thread closed, then theirs, level by level:
     * a loop, because a chain of contexts may be deeper than a stack.
     */
    static void tell(Members list) {
        for (Member member = list.poll(); member != null; member = list.poll()) {
            if (member instanceof CancelScope child) {
                child.parentEnded(list);
            } else if (member instanceof CancelHook hook) {
                hook.fire();
            }
        }
    }

    /**
     * Starts a thread for {@code action}, or runs it on this one: late and on the wrong thread is
     * better than not at all.
     */
    static void startOrRun(ContextRuntime runtime, Runnable action) {
        try {
            runtime.start(action);
        } catch (Throwable noThread) {
            LOG.log(
                    Level.WARNING,
                    "No thread for what follows a cancel; this one runs it",
                    noThread);
            action.run();
        }
    }
}
