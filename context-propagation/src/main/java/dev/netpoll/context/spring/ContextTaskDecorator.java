// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.task.TaskPolicy;

import org.springframework.core.task.TaskDecorator;

import java.util.concurrent.RunnableScheduledFuture;

/**
 * Carries the submitter's context into the tasks of Spring's executors: a task sees it as {@link
 * dev.netpoll.context.CancelContext#current()} and is interrupted by its end. What ends it besides is
 * the policy's matter.
 *
 * <p>A scheduler decorates a task once and may run it many times, long after what scheduled it is
 * gone: such a task gets a new {@linkplain BackgroundContexts background context} for each run.
 */
public final class ContextTaskDecorator implements TaskDecorator {

    private final BackgroundContexts background;
    private final TaskPolicy policy;

    public ContextTaskDecorator(BackgroundContexts background, TaskPolicy policy) {
        this.background = background;
        this.policy = policy;
    }

    @Override
    public Runnable decorate(Runnable task) {
        if (AsyncCall.isBeingSubmitted()) {
            return task; // it has a context of its own, by its own policy
        }
        // Not as a future, which would be cancelled when its turn comes after its context's end:
        // Spring
        // MVC, for one, waits for what its task does and not for its future, and a series would be
        // over.
        Runnable work = task::run;
        String label = task.getClass().getName();
        if (task instanceof RunnableScheduledFuture<?>) {
            return () -> background.run(work, label);
        }
        return background.carry(work, policy, label);
    }
}
