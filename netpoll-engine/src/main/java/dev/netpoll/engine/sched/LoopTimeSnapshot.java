package dev.netpoll.engine.sched;

import dev.netpoll.engine.poll.DurationCounts;

import java.time.Duration;

/**
 * Where a loop's time has gone since it started.
 *
 * @param age how long ago it started
 * @param slept how long of that it waited in epoll_pwait2(2) for something to do
 * @param silent how long ago it last came round to its timers and sockets; zero while it sleeps
 * @param lag how late it came to a timer, each time one was due
 * @param wakeUp from the signal of another thread until the loop was awake
 */
public record LoopTimeSnapshot(
        Duration age, Duration slept, Duration silent, DurationCounts lag, DurationCounts wakeUp) {}
