// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.CancelContext;

import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.SchedulingAwareRunnable;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;

/**
 * Another scheduler, each run of whose tasks has a background context of its own. Not by a task
 * decorator: schedulers do not apply theirs to every kind of task. Safe from any thread.
 */
final class BackgroundTaskScheduler implements TaskScheduler {

    private static final Logger LOG = System.getLogger(BackgroundTaskScheduler.class.getName());

    private final TaskScheduler target;
    private final BackgroundContexts background;

    BackgroundTaskScheduler(TaskScheduler target, BackgroundContexts background) {
        this.target = target;
        this.background = background;
    }

    /** Keeps what a router of schedulers looks at. */
    private record Task(Runnable work, BackgroundContexts background)
            implements SchedulingAwareRunnable {

        @Override
        public void run() {
            // The one that this run belongs to: when it ends there may be another already.
            CancelContext root = background.root();
            try {
                BackgroundContexts.run(root, work, work.getClass().getName());
            } catch (RuntimeException e) {
                if (!root.isCancelled()) {
                    throw e;
                }
                LOG.log(Level.DEBUG, "A scheduled task ended when the application stopped", e);
            }
        }

        @Override
        public boolean isLongLived() {
            return work instanceof SchedulingAwareRunnable aware && aware.isLongLived();
        }

        @Override
        public @Nullable String getQualifier() {
            return work instanceof SchedulingAwareRunnable aware ? aware.getQualifier() : null;
        }

        @Override
        public String toString() {
            return work.toString();
        }
    }

    private Runnable task(Runnable work) {
        return new Task(work, background);
    }

    @Override
    public Clock getClock() {
        return target.getClock();
    }

    @Override
    public @Nullable ScheduledFuture<?> schedule(Runnable work, Trigger trigger) {
        return target.schedule(task(work), trigger);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, Instant startTime) {
        return target.schedule(task(work), startTime);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable work, Instant startTime, Duration period) {
        return target.scheduleAtFixedRate(task(work), startTime, period);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, Duration period) {
        return target.scheduleAtFixedRate(task(work), period);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable work, Instant startTime, Duration delay) {
        return target.scheduleWithFixedDelay(task(work), startTime, delay);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, Duration delay) {
        return target.scheduleWithFixedDelay(task(work), delay);
    }
}
