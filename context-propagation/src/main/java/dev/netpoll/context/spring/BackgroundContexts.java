// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.TaskPolicy;

/**
 * The root context of all work outside requests: scheduled tasks, what runs at the start, tasks
 * submitted by threads without a context. It ends when the application stops, and the next one
 * begins when that has stopped, in case it is started again. Safe from any thread.
 */
public final class BackgroundContexts {

    private final CancelContext above;

    /** Replaced when the application may start again. Any thread. */
    private volatile CancelScope root;

    /** Work that goes on after the shutdown's cancel is known to {@code overdue}. */
    public BackgroundContexts(OverdueWatch overdue) {
        this(CancelContext.background().with(OverdueWatch.KEY, overdue));
    }

    /** With the values of {@code above}, an {@link OverdueWatch} among them. */
    public BackgroundContexts(CancelContext above) {
        this.above = above;
        this.root = above.withCancel();
    }

    /** What background work that begins now is derived from. Ask for each: it does not last. */
    public CancelContext root() {
        return root;
    }

    /**
     * Cancels all background work: the application stops. Work that still begins is cancelled at once,
     * until {@link #renew}.
     */
    public void shutDown() {
        root.cancel(new CancelCause.ServerShuttingDown());
    }

    /**
     * Gives work that begins from now on a fresh root: the application has stopped, and may start
     * again. Changes nothing unless it has been shut down.
     */
    public synchronized void renew() {
        if (root.isCancelled()) {
            root = above.withCancel();
        }
    }

    /**
     * Runs {@code work} on this thread under a context of its own, interrupted by the shutdown; under
     * the one that is bound already, if there is one.
     */
    void run(Runnable work, String label) {
        run(root, work, label);
    }

    /** Like {@link #run(Runnable, String)} below {@code root}, which the caller has asked for. */
    static void run(CancelContext root, Runnable work, String label) {
        if (CancelContext.currentOrNull() != null) {
            work.run();
        } else {
            carry(root, work, TaskPolicy.FOLLOW, label).run();
        }
    }

    /** Ties {@code work} to the calling thread's context, or to the root where there is none. */
    Runnable carry(Runnable work, TaskPolicy policy, String label) {
        return carry(root, work, policy, label);
    }

    private static Runnable carry(
            CancelContext root, Runnable work, TaskPolicy policy, String label) {
        return CancelContext.currentOrNull() != null
                ? ContextExecutors.wrap(work, policy, label)
                : root.call(() -> ContextExecutors.wrap(work, TaskPolicy.FOLLOW, label));
    }
}
