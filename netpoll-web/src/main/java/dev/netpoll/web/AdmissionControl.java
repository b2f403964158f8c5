// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.Deadline;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Admission control: refuses requests at once instead of beginning them in vain, when the limit of
 * concurrent requests is reached, or when a request's deadline leaves less time than the median of its
 * route's latest successes.
 *
 * <p>Safe from any thread; never blocks.
 */
public final class AdmissionControl {

    /**
     * What is refused.
     *
     * @param maxConcurrent how many may run at once; 0 for any number
     * @param byRemainingTime whether too little time is a reason
     * @param probeEvery how often a request of a route is admitted in spite of its little time, so that
     *     the estimate hears of it when such requests have become faster
     */
    public record Settings(int maxConcurrent, boolean byRemainingTime, Duration probeEvery) {

        public Settings {
            if (maxConcurrent < 0 || probeEvery.isNegative()) {
                throw new IllegalArgumentException(
                        "Negative: " + maxConcurrent + ", " + probeEvery);
            }
        }
    }

    /**
     * What has been refused and why the next may be.
     *
     * @param running how many requests run now
     * @param refusedBusy how many were refused because too many ran
     * @param refusedLate how many were refused because they had too little time
     * @param needed by route, what half of the latest successes did not exceed; only routes that have
     *     had enough of them
     */
    public record Statistics(
            int running, long refusedBusy, long refusedLate, Map<String, Duration> needed) {}

    private final Settings settings;
    private final ContextRuntime clock;
    private final AtomicInteger running = new AtomicInteger();
    private final LongAdder refusedBusy = new LongAdder();
    private final LongAdder refusedLate = new LongAdder();
    private final Map<String, TimeNeeded> routes = new ConcurrentHashMap<>();

    /** An admission control that goes by the clock of that runtime. */
    public AdmissionControl(Settings settings, ContextRuntime clock) {
        this.settings = settings;
        this.clock = clock;
    }

    public Settings settings() {
        return settings;
    }

    /** Takes one of the places; the caller gives it back by {@link #leave()}. False if none is left. */
    public boolean tryEnter() {
        int most = settings.maxConcurrent() > 0 ? settings.maxConcurrent() : Integer.MAX_VALUE;
        // Not an increment that is taken back: it would refuse other requests meanwhile.
        if (running.getAndUpdate(now -> now < most ? now + 1 : now) >= most) {
            refusedBusy.increment();
            return false;
        }
        return true;
    }

    /** Gives a place back. */
    public void leave() {
        running.decrementAndGet();
    }

    /**
     * Whether a request of that route can be expected to be done by its deadline. Without a deadline,
     * or while too little is known of the route, it can.
     *
     * @param route a pattern, not a path: what is known of it is kept for good
     */
    public boolean hasTime(String route, @Nullable Deadline deadline) {
        if (!settings.byRemainingTime() || deadline == null) {
            return true;
        }
        TimeNeeded needed = routes.get(route);
        if (needed == null || !needed.exceeds(deadline.remainingNanos())) {
            return true;
        }
        if (needed.mayProbe(clock.nanoTime(), settings.probeEvery().toNanos())) {
            return true;
        }
        refusedLate.increment();
        return false;
    }

    /** A request of that route was answered in time, by this much work. */
    public void succeeded(String route, Duration took) {
        if (settings.byRemainingTime()) {
            routes.computeIfAbsent(route, _ -> new TimeNeeded()).add(took.toNanos());
        }
    }

    /** What is known now. */
    public Statistics statistics() {
        Map<String, Duration> needed = new TreeMap<>();
        routes.forEach(
                (route, time) -> {
                    long nanos = time.median();
                    if (nanos > 0) {
                        needed.put(route, Duration.ofNanos(nanos));
                    }
                });
        return new Statistics(
                Math.max(running.get(), 0), refusedBusy.sum(), refusedLate.sum(), needed);
    }
}
