package dev.netpoll.context.spring;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.TaskPolicy;

/**
 * The root context of all work no request has asked for: scheduled tasks, what runs at the start,
 * tasks submitted by threads without a context. It ends when the application shuts down. Safe from any
 * thread.
 */
public final class BackgroundContexts {

    private final CancelScope root;

    /** Work that goes on after the shutdown's cancel is known to {@code overdue}. */
    public BackgroundContexts(OverdueWatch overdue) {
        this(CancelContext.background().with(OverdueWatch.KEY, overdue));
    }

    /** With the values of {@code above}, an {@link OverdueWatch} among them. */
    public BackgroundContexts(CancelContext above) {
        this.root = above.withCancel();
    }

    /** What all background work is derived from. */
    public CancelContext root() {
        return root;
    }

    /** The application goes down: what still runs is cancelled. */
    public void shutDown() {
        root.cancel(new CancelCause.ServerShuttingDown());
    }

    /**
     * Runs {@code work} on this thread under a context of its own, interrupted by the shutdown; under
     * the one that is bound already, if there is one.
     */
    void run(Runnable work) {
        if (CancelContext.currentOrNull() != null) {
            work.run();
        } else {
            carry(work, TaskPolicy.FOLLOW, work.getClass().getName()).run();
        }
    }

    /** Ties {@code work} to the calling thread's context, or to the root where there is none. */
    Runnable carry(Runnable work, TaskPolicy policy, String label) {
        return CancelContext.currentOrNull() != null
                ? ContextExecutors.wrap(work, policy, label)
                : root.call(() -> ContextExecutors.wrap(work, TaskPolicy.FOLLOW, label));
    }
}
