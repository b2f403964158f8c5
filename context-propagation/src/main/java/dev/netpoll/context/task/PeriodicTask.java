// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A task that is run again and again: the series has a context, and each run a child of it. The end of
 * the series' context interrupts the run that is under way and keeps the next from coming.
 *
 * <p>{@link #run} is the scheduler's, never twice at once; everything else is any thread's.
 */
final class PeriodicTask implements Runnable, ScheduledFuture<@Nullable Object> {

    private final TaskScope series;
    private final Runnable work;
    private final CancelHook whenEnded;

    /** The place in the queue. Written once, by the thread that schedules. */
    private volatile @Nullable ScheduledFuture<?> timer;

    PeriodicTask(TaskScope series, Runnable work) {
        this.series = series;
        this.work = work;
        this.whenEnded = series.scope().onCancelInline(_ -> leaveTheQueue());
    }

    /** Before anybody but the scheduler sees it. */
    void scheduled(ScheduledFuture<?> place) {
        timer = place;
        if (series.scope().isCancelled()) {
            leaveTheQueue();
        }
    }

    private void leaveTheQueue() {
        ScheduledFuture<?> place = timer;
        if (place != null) {
            place.cancel(false);
        }
    }

    /** It will never be run: gives back what it holds in the tree. */
    void abandon() {
        series.abandon();
    }

    @Override
    public void run() {
        if (series.scope().isCancelled()) {
            leaveTheQueue();
            return;
        }
        try (CancelScope once = series.scope().withCancel()) {
            series.under(once)
                    .run(
                            () -> {
                                work.run();
                                return true;
                            });
        } catch (Throwable failure) {
            if (series.scope().isCancelled()) {
                leaveTheQueue(); // a cancel, then, whatever the work made of it
            } else {
                // The scheduler ends the series, and its future shall tell this and not a cancel.
                whenEnded.stop();
                series.scope().cancel(failure);
            }
            throw failure;
        }
    }

    /** Ends the series; its context too, and so a run that is under way, if that may be interrupted. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = place().cancel(false);
        if (cancelled && mayInterruptIfRunning) {
            series.cancelAndInterrupt();
        }
        return cancelled;
    }

    private ScheduledFuture<?> place() {
        return Objects.requireNonNull(timer, "handed out before it was scheduled");
    }

    @Override
    public boolean isCancelled() {
        return place().isCancelled();
    }

    @Override
    public boolean isDone() {
        return place().isDone();
    }

    @Override
    public @Nullable Object get() throws InterruptedException, ExecutionException {
        try {
            return place().get();
        } catch (CancellationException e) {
            throw series.explained(e);
        }
    }

    @Override
    public @Nullable Object get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return place().get(timeout, unit);
        } catch (CancellationException e) {
            throw series.explained(e);
        }
    }

    @Override
    public long getDelay(TimeUnit unit) {
        return place().getDelay(unit);
    }

    @Override
    public int compareTo(Delayed other) {
        return place().compareTo(other);
    }
}
