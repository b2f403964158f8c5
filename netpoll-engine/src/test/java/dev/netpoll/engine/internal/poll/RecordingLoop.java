// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Dispatch;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A loop that starts nothing and tells what it was asked for. */
final class RecordingLoop implements PollLoop {

    final List<Dispatch> started = new CopyOnWriteArrayList<>();
    final AtomicInteger timersMoved = new AtomicInteger();

    private final TimerQueue timers = new TimerQueue();
    private final PollStatistics statistics = new PollStatistics();

    @Override
    public void start(Dispatch dispatch) {
        started.add(dispatch);
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
