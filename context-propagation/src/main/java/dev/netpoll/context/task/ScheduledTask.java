// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The future of one delayed task under a context. When it is cancelled before it begins, by its
 * context's end or by hand, its place in the scheduler's queue is given back.
 */
final class ScheduledTask<T extends @Nullable Object> extends ContextFuture<T>
        implements ScheduledFuture<T> {

    /** The place in the queue. Written once, by the thread that schedules. */
    private volatile @Nullable ScheduledFuture<?> timer;

    ScheduledTask(TaskScope task, Callable<T> work) {
        super(task, work);
    }

    /** Before anybody but the scheduler sees it. */
    void scheduled(ScheduledFuture<?> place) {
        timer = place;
        done(); // the end may have come before there was a permit to release
    }

    @Override
    protected void done() {
        ScheduledFuture<?> place = timer;
        if (place != null && isCancelled()) {
            place.cancel(false);
        }
    }

    @Override
    public long getDelay(TimeUnit unit) {
        ScheduledFuture<?> place = timer;
        return place == null ? 0 : place.getDelay(unit);
    }

    @Override
    public int compareTo(Delayed other) {
        return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
}
