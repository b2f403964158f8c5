// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A loop that starts nothing and tells what it was asked for. */
final class RecordingLoop implements PollLoop {

    final List<Dispatch> started = new CopyOnWriteArrayList<>();
    final AtomicInteger timersMoved = new AtomicInteger();

    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    private final TimerQueue timers = new TimerQueue(this::failed);
    private final PollStatistics statistics = new PollStatistics();

    /** Thrown by the next start. */
    volatile @Nullable Error broken;

    /** Whether the caller's slice is long. */
    volatile boolean longSlice;

    /** The started dispatches that were armed at the end of a long slice. */
    final List<Dispatch> startedAfterLong = new CopyOnWriteArrayList<>();

    @Override
    public boolean isSliceLong(long now) {
        return longSlice;
    }

    @Override
    public void start(Dispatch dispatch, boolean afterLong) {
        Error thrown = broken;
        broken = null;
        if (thrown != null) {
            throw thrown;
        }
        started.add(dispatch);
        if (afterLong) {
            startedAfterLong.add(dispatch);
        }
    }

    @Override
    public void failed(Throwable t) {
        failures.add(t);
    }

    @Override
    public TimerQueue timers() {
        return timers;
    }

    @Override
    public void timersMoved() {
        timersMoved.incrementAndGet();
    }

    @Override
    public PollStatistics statistics() {
        return statistics;
    }
}
