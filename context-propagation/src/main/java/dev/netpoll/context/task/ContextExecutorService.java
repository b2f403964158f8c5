// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;

/** Another executor service whose tasks run under contexts. Stateless; any thread. */
class ContextExecutorService extends AbstractExecutorService {

    private final ExecutorService target;
    private final TaskPolicy policy;

    ContextExecutorService(ExecutorService target, TaskPolicy policy) {
        this.target = target;
        this.policy = policy;
    }

    @Override
    protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Callable<T> work) {
        return new ContextFuture<>(TaskScope.capture(policy, work), work);
    }

    @Override
    protected <T extends @Nullable Object> RunnableFuture<T> newTaskFor(Runnable work, T value) {
        return new ContextFuture<>(
                TaskScope.capture(policy, work), Executors.callable(work, value));
    }

    @Override
    public void execute(Runnable work) {
        ContextExecutors.executeOn(target, policy, work);
    }

    @Override
    public void shutdown() {
        target.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return target.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return target.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return target.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return target.awaitTermination(timeout, unit);
    }
}
