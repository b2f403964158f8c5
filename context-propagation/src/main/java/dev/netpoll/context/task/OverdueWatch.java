// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.ContextLoader;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.Key;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Lists the work that still runs although its context has ended: its result is not needed, it holds
 * a thread and perhaps a connection, and no statistics of the JVM show it.
 *
 * <p>Running work costs a hook on its context; only when that context ends while the work runs does it
 * come into a set, and nothing is ever scanned. Put a watch into a context as the value of {@link #KEY},
 * and every {@link TaskGroup} and {@link ContextExecutors executor} below registers its tasks there.
 *
 * <p>Any thread. Overdue is a matter of the clock, not of the timer: a late timer delays only the
 * warning.
 */
public final class OverdueWatch {

    /** The watch for the tasks of a context and of all below it. */
    public static final Key<OverdueWatch> KEY = Key.named("overdue-watch");

    private static final Logger LOG = System.getLogger(OverdueWatch.class.getName());

    /**
     * When work is overdue, and how often to say so.
     *
     * @param grace how long work may run on after its context ended before it counts as overdue
     * @param warnEvery the least time between two warnings
     */
    public record Settings(Duration grace, Duration warnEvery) {

        public Settings {
            if (grace.isNegative() || warnEvery.isNegative()) {
                throw new IllegalArgumentException("Negative: " + grace + ", " + warnEvery);
            }
        }
    }

    private final Settings settings;
    private final ContextRuntime runtime;
    private final Consumer<? super List<OverdueTask>> listener;
    private final @Nullable ClassLoader loader = ContextLoader.current();

    private final Set<WatchedTask> late = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextWarning; // nanoseconds of the runtime's clock
    private final AtomicBoolean warningDue = new AtomicBoolean(); // a warning has been scheduled

    /**
     * A watch that tells {@code listener}, on a thread of its own and at most once every {@link
     * Settings#warnEvery()}, all that is overdue at that time. It is told when something becomes
     * overdue, not when it stays so.
     */
    public OverdueWatch(
            Settings settings,
            ContextRuntime runtime,
            Consumer<? super List<OverdueTask>> listener) {
        this.settings = settings;
        this.runtime = runtime;
        this.listener = Objects.requireNonNull(listener);
        this.nextWarning = new AtomicLong(runtime.nanoTime());
    }

    /** A watch on the system's time whose warning is one line in the log. */
    public static OverdueWatch logging(Settings settings) {
        return new OverdueWatch(settings, ContextRuntime.system(), OverdueWatch::warn);
    }

    /**
     * The calling thread begins work for {@code context}; close the result when it has ended.
     *
     * @param label what it is, for people: the request, the task
     */
    public WatchedTask watch(CancelContext context, String label) {
        return new WatchedTask(this, context, label);
    }

    /**
     * The calling thread begins work whose owner is told of the context's end, and {@linkplain
     * WatchedTask#contextEnded hands it on}.
     *
     * @param label what it is, for people: asked for a text only when it is shown
     */
    public WatchedTask watch(Object label) {
        return new WatchedTask(this, null, label);
    }

    /** How many pieces of work are overdue now. */
    public int count() {
        long now = runtime.nanoTime();
        int count = 0;
        for (WatchedTask task : late) {
            if (isOverdue(task, now)) {
                count++;
            }
        }
        return count;
    }

    /** What is overdue now, the oldest first. Takes the stack of each of those threads. */
    public List<OverdueTask> snapshot() {
        long now = runtime.nanoTime();
        return late.stream()
                .filter(task -> isOverdue(task, now))
                .map(task -> task.describe(now))
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(OverdueTask::age).reversed())
                .toList();
    }

    private boolean isOverdue(WatchedTask task, long now) {
        if (!task.isRunning()) {
            late.remove(task);
            return false;
        }
        return task.lateNanos(now) >= settings.grace().toNanos();
    }

    long now() {
        return runtime.nanoTime();
    }

    /** The context of running work has ended. */
    ContextRuntime.Timeout late(WatchedTask task) {
        late.add(task);
        return runtime.schedule(now() + settings.grace().toNanos(), this::warnSoon);
    }

    /** How many are kept, overdue or not yet; for tests. */
    int lateSize() {
        return late.size();
    }

    void forget(WatchedTask task) {
        late.remove(task);
    }

    /** Timer thread. Something became overdue: warn now, or once when the next warning is allowed. */
    private void warnSoon() {
        long allowed = nextWarning.get();
        long now = now();
        if (now - allowed >= 0) {
            if (nextWarning.compareAndSet(allowed, now + settings.warnEvery().toNanos())) {
                runtime.start(this::tell);
            }
        } else if (warningDue.compareAndSet(false, true)) {
            runtime.schedule(
                    allowed,
                    () -> {
                        warningDue.set(false);
                        warnSoon();
                    });
        }
    }

    private void tell() {
        List<OverdueTask> overdue = snapshot();
        if (!overdue.isEmpty()) {
            ContextLoader.accept(loader, listener, overdue);
        }
    }

    private static void warn(List<OverdueTask> overdue) {
        OverdueTask oldest = overdue.getFirst();
        LOG.log(Level.WARNING, () -> line(overdue.size(), oldest));
    }

    private static String line(int count, OverdueTask oldest) {
        StackTraceElement top = oldest.stack().isEmpty() ? null : oldest.stack().getFirst();
        return count
                + " piece(s) of work still running after their context ended; the oldest: "
                + oldest.label()
                + ", "
                + oldest.age().toMillis()
                + " ms, "
                + oldest.cause().message()
                + ", thread "
                + oldest.threadName()
                + at(top);
    }

    private static String at(@Nullable StackTraceElement top) {
        return top == null ? "" : ", at " + top;
    }
}
