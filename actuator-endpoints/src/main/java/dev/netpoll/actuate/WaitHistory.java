// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.WaitKind;

import org.jspecify.annotations.Nullable;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A history of how long waits lasted, window by window: the data of the heatmap.
 *
 * <p>A virtual thread of its own looks at the engines' counts once a window and keeps the difference;
 * the engines do nothing for it. Safe from any thread.
 */
public final class WaitHistory implements AutoCloseable {

    /**
     * A stretch of time.
     *
     * @param start when it began
     * @param length how long it was, or has been so far
     * @param waits how long the waits lasted that ended in it, by kind
     */
    record Window(Instant start, Duration length, Map<WaitKind, DurationCounts> waits) {}

    private final Supplier<Map<WaitKind, DurationCounts>> counts;
    private final Clock clock;
    private final Duration length;
    private final int most;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Written by start, read by close. */
    private volatile @Nullable Thread thread;

    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by lock. */
    private final Deque<Window> windows = new ArrayDeque<>();

    /** Guarded by lock. */
    private Instant start;

    /** Guarded by lock. */
    private Map<WaitKind, DurationCounts> before;

    /**
     * @param length of a window
     * @param most how many windows are kept
     */
    public WaitHistory(NetpollSources sources, Duration length, int most) {
        this(() -> countsOf(sources), Clock.systemUTC(), length, most);
    }

    WaitHistory(
            Supplier<Map<WaitKind, DurationCounts>> counts,
            Clock clock,
            Duration length,
            int most) {
        this.counts = counts;
        this.clock = clock;
        this.length = length;
        this.most = most;
        this.start = clock.instant();
        this.before = counts.get();
    }

    private static Map<WaitKind, DurationCounts> countsOf(NetpollSources sources) {
        EngineTotals totals = sources.totals();
        Map<WaitKind, DurationCounts> counts = new EnumMap<>(WaitKind.class);
        for (WaitKind kind : WaitKind.values()) {
            counts.put(kind, totals.waits(kind));
        }
        return counts;
    }

    /** Begins to look. Once. */
    public void start() {
        thread = Thread.ofVirtual().name("netpoll-history").start(this::run);
    }

    private void run() {
        while (open.get()) {
            LockSupport.parkUntil(this, end().toEpochMilli());
            if (open.get() && !clock.instant().isBefore(end())) {
                roll();
            }
        }
    }

    private Instant end() {
        lock.lock();
        try {
            return start.plus(length);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the window under way and begins the next. */
    void roll() {
        Map<WaitKind, DurationCounts> now = counts.get();
        lock.lock();
        try {
            windows.addLast(window(now));
            while (windows.size() > most) {
                windows.removeFirst();
            }
            start = clock.instant();
            before = now;
        } finally {
            lock.unlock();
        }
    }

    /** The windows that are over, the oldest first, and the one under way. */
    List<Window> windows() {
        Map<WaitKind, DurationCounts> now = counts.get();
        lock.lock();
        try {
            List<Window> all = new ArrayList<>(windows);
            all.add(window(now));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** An engine that has been closed takes its counts away: then there is nothing to tell. */
    private Window window(Map<WaitKind, DurationCounts> now) {
        Map<WaitKind, DurationCounts> waits = new EnumMap<>(WaitKind.class);
        now.forEach(
                (kind, count) ->
                        waits.put(
                                kind,
                                count.since(before.getOrDefault(kind, DurationCounts.NONE))
                                        .orNothing()));
        return new Window(start, Duration.between(start, clock.instant()), waits);
    }

    @Override
    public void close() {
        open.set(false);
        LockSupport.unpark(thread);
    }
}
