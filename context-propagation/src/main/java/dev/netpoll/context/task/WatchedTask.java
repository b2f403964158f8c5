package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.ContextRuntime;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One piece of running work in an {@link OverdueWatch}, until it is closed. Made and closed by the
 * thread that runs it, or closed by any other.
 *
 * <pre>
 *   running → late    the end of its context, on whatever thread that comes
 *   running → ended   close()
 *   late    → ended   close()
 * </pre>
 *
 * A close can run against the end of the context; the latter publishes itself as late and then looks at
 * {@code ended}, the former sets {@code ended} and then takes it back.
 */
public final class WatchedTask implements AutoCloseable {

    private final OverdueWatch watch;
    private final CancelContext context;
    private final String label;
    private final Thread thread = Thread.currentThread();
    private final CancelHook hook;

    private volatile boolean ended; // see above
    private volatile ContextRuntime.@Nullable Timeout grace; // written once by the context's end
    private volatile long lateSince; // written once by the context's end

    WatchedTask(OverdueWatch watch, CancelContext context, String label) {
        this.watch = watch;
        this.context = context;
        this.label = label;
        this.hook = context.onCancelInline(_ -> contextEnded());
    }

    private void contextEnded() {
        lateSince = watch.now();
        grace = watch.late(this);
        if (ended) {
            forget();
        }
    }

    /** The work has ended. Idempotent. */
    @Override
    public void close() {
        ended = true;
        if (!hook.stop()) {
            forget();
        }
    }

    private void forget() {
        watch.forget(this);
        ContextRuntime.Timeout timeout = grace;
        if (timeout != null) {
            timeout.cancel();
        }
    }

    long lateNanos(long now) {
        return now - lateSince;
    }

    /** Whether it still runs; a thread that died without a close runs nothing. */
    boolean isRunning() {
        return !ended && thread.isAlive();
    }

    @Nullable OverdueTask describe(long now) {
        CancelCause cause = context.cause();
        if (cause == null) {
            return null;
        }
        String name = thread.getName();
        return new OverdueTask(
                label,
                name.isEmpty() ? thread.toString() : name,
                thread.threadId(),
                java.time.Duration.ofNanos(lateNanos(now)),
                cause,
                List.of(thread.getStackTrace()));
    }
}
