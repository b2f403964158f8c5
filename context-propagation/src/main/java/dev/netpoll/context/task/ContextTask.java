// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import java.util.concurrent.RunnableFuture;

/**
 * A plain task under a context. When its turn comes and the context has ended already, a future is
 * cancelled, so that threads that wait for it are told; anything else is run all the same, with its context
 * ended and interrupted as soon as it waits: its {@code finally} may be what other code waits for, and a task that is
 * silently left out would keep them waiting for ever.
 */
record ContextTask(TaskScope task, Runnable work) implements Runnable {

    @Override
    public void run() {
        try {
            if (task.scope().isCancelled() && work instanceof RunnableFuture<?> future) {
                future.cancel(true);
                return;
            }
            task.run(
                    () -> {
                        work.run();
                        return true;
                    });
        } finally {
            task.scope().close();
        }
    }

    /** It will never be run: gives back what it holds in the tree. */
    void abandon() {
        task.abandon();
    }
}
