package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;

/** What ends a task that runs elsewhere, besides its own future's cancel. */
public enum TaskPolicy {
    /** Every end of the submitter's context, its orderly completion included. */
    FOLLOW,

    /** Deadline, disconnect, shutdown and cancel, but not the orderly completion of the submitter. */
    OUTLIVE_COMPLETION,

    /** Nothing: the task keeps the submitter's values, not its deadline nor its end. */
    DETACHED;

    /** A new context for one task. */
    public CancelScope open(CancelContext submitter) {
        return switch (this) {
            case FOLLOW -> submitter.withCancel();
            case OUTLIVE_COMPLETION -> submitter.withOwnEnd();
            case DETACHED -> submitter.withoutCancel().withCancel();
        };
    }
}
