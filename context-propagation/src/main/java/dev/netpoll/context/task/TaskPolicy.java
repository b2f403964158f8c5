// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;

/** The events that end a task on another thread, besides the cancel of its own future. */
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
