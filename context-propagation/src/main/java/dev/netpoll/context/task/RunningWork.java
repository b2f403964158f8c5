// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Key;

import org.jspecify.annotations.Nullable;

/**
 * Tracks the tasks that one piece of work runs on context-carrying executors and in {@code @Async}
 * methods, until the last has ended: later than its future, which a cancel or a time-out completes
 * at once. For code that holds something for the work, such as a permit.
 *
 * <p>Any thread. Mutable fields: under this object's lock; nothing is called under it.
 */
public final class RunningWork {

    private static final Key<RunningWork> KEY = Key.named("running-work");

    /**
     * The work this is a part of; the next one up once that is over, so that work which starts its own
     * successor is no chain. A racy cache: every value it has had counts the same.
     */
    private volatile @Nullable RunningWork whole;

    private int running;
    private @Nullable Runnable whenEnded;

    /** The caller has been told, and will not ask again. */
    private boolean over;

    private RunningWork(@Nullable RunningWork whole) {
        this.whole = whole;
    }

    /** New work, part of what {@code context} is for. */
    public static RunningWork in(CancelContext context) {
        RunningWork work = new RunningWork(context.value(KEY));
        work.wholeThatIsNotOver();
        return work;
    }

    /** The context under which tasks belong to this work. */
    public CancelContext mark(CancelContext context) {
        return context.with(KEY, this);
    }

    /** A task of the context's work begins on this thread; null when it is not asked for. */
    public static @Nullable Piece begin(CancelContext context) {
        RunningWork work = context.value(KEY);
        return work == null ? null : new Piece(work);
    }

    /** A running task, until it is closed. */
    public static final class Piece implements AutoCloseable {

        private final RunningWork work;

        private Piece(RunningWork work) {
            this.work = work;
            work.countAll(1);
        }

        @Override
        public void close() {
            work.countAll(-1);
        }
    }

    private void countAll(int change) {
        for (RunningWork each = this; each != null; each = each.wholeThatIsNotOver()) {
            each.count(change);
        }
    }

    private @Nullable RunningWork wholeThatIsNotOver() {
        RunningWork above = whole;
        while (above != null && above.isOver()) {
            above = above.whole;
            whole = above;
        }
        return above;
    }

    private synchronized boolean isOver() {
        return over;
    }

    private void count(int change) {
        Runnable due;
        synchronized (this) {
            running += change;
            due = running == 0 ? whenEnded : null;
            if (due != null) {
                whenEnded = null;
                over = true;
            }
        }
        if (due != null) {
            due.run();
        }
    }

    /** Runs {@code action} once when no task of it runs any more; now, if none does. Call it once. */
    public void whenEnded(Runnable action) {
        synchronized (this) {
            if (running > 0) {
                whenEnded = action;
                return;
            }
            over = true;
        }
        action.run();
    }
}
