// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;

/**
 * One task a {@link TaskObserver} has seen submitted. Called on the task's thread; again for each run of
 * a periodic task, one after the other.
 */
public interface TaskObservation {

    /**
     * The task begins on this thread; the result is closed there when it has ended. This may bind what
     * the task shall see.
     *
     * @param context the task's own
     */
    Running begin(CancelContext context);

    /** The task has thrown, between its begin and its end; more than once if it is wrapped. */
    void failed(Throwable error);

    /** A task that runs. */
    interface Running extends AutoCloseable {

        @Override
        void close();
    }
}
