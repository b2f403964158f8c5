// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What went wrong on carriers and on the monitor, kept until the monitor's thread logs it. Where it goes wrong
 * there may be no memory, and a logger may block or want a lock whose holder needs this carrier.
 *
 * <pre>
 * state     → state     moved by
 * EMPTY     → WRITING   note, CAS: one of several; the others are only counted
 * WRITING   → FULL      the same, when its fields are written
 * FULL      → EMPTY     log, monitor's thread only
 * </pre>
 *
 * <p>{@link #note} is safe from any thread and neither allocates nor throws.
 */
final class Failures {

    /** A fault that lasts must not fill the log. */
    private static final long PAUSE_NANOS = 1_000_000_000;

    /** What failed. Constants, because even a string literal needs memory when it is first used. */
    enum Kind {
        CONTINUATION("A continuation failed"),
        ROUND("An event, a timer, a signal or a thread's start failed"),
        CARRIER("A carrier died and is replaced"),
        NO_THREAD("The system gives no thread to carry a stalled loop"),
        MONITOR("A look of the monitor failed");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private static final int EMPTY = 0;
    private static final int WRITING = 1;
    private static final int FULL = 2;

    private final AtomicInteger state = new AtomicInteger(EMPTY);
    private final AtomicLong total = new AtomicLong();

    /** Written in WRITING, read in FULL. */
    private Kind what = Kind.ROUND;

    /** As {@link #what}. */
    private @Nullable Object where;

    /** As {@link #what}. */
    private @Nullable Throwable thrown;

    /** How many had come when it logged last. Monitor only. */
    private long told;

    /** When it logged last. Monitor only. */
    private long toldAt;

    void note(Kind newWhat, Object newWhere, Throwable newThrown) {
        total.incrementAndGet();
        if (state.compareAndSet(EMPTY, WRITING)) {
            what = newWhat;
            where = newWhere;
            thrown = newThrown;
            state.set(FULL);
        }
    }

    long total() {
        return total.get();
    }

    /** Logs what has come first since the last time, at most once a second. Monitor's thread only. */
    void log(Logger logger, long now) {
        if (state.get() != FULL || (told > 0 && now - toldAt < PAUSE_NANOS)) {
            return;
        }
        long all = total.get();
        try {
            String more = all - told > 1 ? " (and " + (all - told - 1) + " more failures)" : "";
            logger.log(Level.ERROR, what.text + " (" + where + "); the loops go on" + more, thrown);
        } finally {
            told = all;
            toldAt = now;
            where = null;
            thrown = null;
            state.set(EMPTY);
        }
    }
}
