// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Key;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Supplier;

/**
 * An observer of tasks that run on other threads, from their submission to their end; for traces.
 * Put one into a context as the value of {@link #KEY}, and every {@link TaskGroup} and {@link
 * ContextExecutors executor} below tells it of its tasks.
 */
@FunctionalInterface
public interface TaskObserver {

    /** The observer of the tasks of a context and of all below it. */
    Key<TaskObserver> KEY = Key.named("task-observer");

    /**
     * A task is submitted by the calling thread. It may never be run.
     *
     * @param label what it is: a class's name, or {@code @Async} and a method's
     * @param detached whether neither deadline nor end of the submitter's context reaches it
     * @return what is told of the task; null for nothing
     */
    @Nullable TaskObservation submitted(String label, boolean detached);

    /** Returns an observer that asks the first of those that {@code observers} gives at each submission. */
    static TaskObserver first(Supplier<List<TaskObserver>> observers) {
        return (label, detached) -> {
            List<TaskObserver> now = observers.get();
            return now.isEmpty() ? null : now.getFirst().submitted(label, detached);
        };
    }

    /** What the context's observer, if it has one, makes of a task that is submitted now. */
    static @Nullable TaskObservation of(CancelContext submitter, String label, boolean detached) {
        TaskObserver observer = submitter.value(KEY);
        return observer == null ? null : observer.submitted(label, detached);
    }
}
