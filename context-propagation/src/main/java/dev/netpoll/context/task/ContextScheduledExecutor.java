// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Another scheduler whose tasks run under contexts. Stateless; any thread. */
final class ContextScheduledExecutor extends ContextExecutorService
        implements ScheduledExecutorService {

    private final ScheduledExecutorService target;
    private final TaskPolicy policy;

    ContextScheduledExecutor(ScheduledExecutorService target, TaskPolicy policy) {
        super(target, policy);
        this.target = target;
        this.policy = policy;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
        return schedule(
                new ScheduledTask<>(TaskScope.capture(policy, work), Executors.callable(work)),
                delay,
                unit);
    }

    @Override
    public <T extends @Nullable Object> ScheduledFuture<T> schedule(
            Callable<T> work, long delay, TimeUnit unit) {
        return schedule(new ScheduledTask<>(TaskScope.capture(policy, work), work), delay, unit);
    }

    private <T extends @Nullable Object> ScheduledTask<T> schedule(
            ScheduledTask<T> task, long delay, TimeUnit unit) {
        boolean taken = false;
        try {
            task.scheduled(target.schedule((Runnable) task, delay, unit));
            taken = true;
        } finally {
            if (!taken) {
                task.abandon();
            }
        }
        return task;
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable work, long initialDelay, long period, TimeUnit unit) {
        return periodically(
                work, task -> target.scheduleAtFixedRate(task, initialDelay, period, unit));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable work, long initialDelay, long delay, TimeUnit unit) {
        return periodically(
                work, task -> target.scheduleWithFixedDelay(task, initialDelay, delay, unit));
    }

    private ScheduledFuture<?> periodically(
            Runnable work, Function<Runnable, ScheduledFuture<?>> scheduling) {
        PeriodicTask task = new PeriodicTask(TaskScope.capture(policy, work), work);
        boolean taken = false;
        try {
            task.scheduled(scheduling.apply(task));
            taken = true;
        } finally {
            if (!taken) {
                task.abandon();
            }
        }
        return task;
    }
}
