// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.ContextRuntime;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A runtime whose time stands still until a test moves it:
 *
 * <pre>{@code
 * ManualRuntime time = new ManualRuntime();
 * CancelScope scope = time.background().withTimeout(Duration.ofSeconds(2));
 * time.advance(Duration.ofSeconds(2));
 * assertThat(scope.isDeadlineExceeded()).isTrue();
 * }</pre>
 *
 * <p>Expiries run on the thread that advances the time, and hooks on the thread that ends the context,
 * before the call returns: what follows a cancel has happened when the test looks. A hook under test
 * must therefore not wait for that same thread.
 *
 * <p>Any thread may use it; times move one advance after the other. Nothing is called under its lock.
 */
public final class ManualRuntime implements ContextRuntime {

    private record Entry(long at, long order, Runnable expiry) {}

    private final Object lock = new Object();
    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(
                    Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
    private long now; // under lock
    private long order; // under lock

    /** A root context that lives by this time. */
    public CancelContext background() {
        return CancelContext.background(this);
    }

    @Override
    public long nanoTime() {
        synchronized (lock) {
            return now;
        }
    }

    /** An expiry whose time has passed already runs with the next advance, were it by zero. */
    @Override
    public Timeout schedule(long atNanos, Runnable expiry) {
        synchronized (lock) {
            Entry entry = new Entry(atNanos, order++, expiry);
            entries.add(entry);
            return () -> cancel(entry);
        }
    }

    private void cancel(Entry entry) {
        synchronized (lock) {
            entries.remove(entry);
        }
    }

    @Override
    public void start(Runnable action) {
        action.run();
    }

    /** Moves the time on, stopping at every expiry on the way to run it at its own time. */
    public void advance(Duration by) {
        long until = nanoTime() + by.toNanos();
        for (Entry due = pollUntil(until); due != null; due = pollUntil(until)) {
            due.expiry.run();
        }
    }

    /**
     * Moves the time on without running a single expiry, as on a machine whose timer thread gets no
     * CPU. They run with the next {@link #advance}.
     */
    public void advanceStarved(Duration by) {
        synchronized (lock) {
            now += by.toNanos();
        }
    }

    private @Nullable Entry pollUntil(long until) {
        synchronized (lock) {
            Entry top = entries.peek();
            if (top == null || top.at > until) {
                now = Math.max(now, until);
                return null;
            }
            now = Math.max(now, top.at);
            return entries.poll();
        }
    }

    /** How many expiries are waiting: zero when everything that was started has ended. */
    public int pending() {
        synchronized (lock) {
            return entries.size();
        }
    }

    /**
     * Ends a context of any runtime as if its deadline had passed just now.
     *
     * @return true if this call decided its outcome
     */
    public static boolean expire(CancelScope scope) {
        return ContextEnds.expire(scope);
    }
}
