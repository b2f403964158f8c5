// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.ContextRuntime;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * One piece of running work in an {@link OverdueWatch}, until it is closed. Made and closed by the
 * thread that runs it, or closed by any other.
 *
 * <pre>
 *   running → late    the end of its context, told by a hook or by the work's owner, once; any thread
 *   running → ended   close()
 *   late    → ended   close()
 * </pre>
 *
 * A close can run against the end of the context; the latter publishes itself as late and then looks at
 * {@code ended}, the former sets {@code ended} and then takes it back.
 */
public final class WatchedTask implements AutoCloseable {

    private static final VarHandle CAUSE;

    static {
        try {
            CAUSE =
                    MethodHandles.lookup()
                            .findVarHandle(WatchedTask.class, "cause", CancelCause.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final OverdueWatch watch;
    private final Object label;
    private final Thread thread = Thread.currentThread();
    private final @Nullable CancelHook hook;

    private volatile @Nullable CancelCause cause; // once, by a compare-and-set: what made it late
    private volatile boolean ended; // see above
    private volatile ContextRuntime.@Nullable Timeout grace; // written once by the context's end
    private volatile long lateSince; // written once by the context's end

    WatchedTask(OverdueWatch watch, @Nullable CancelContext context, Object label) {
        this.watch = watch;
        this.label = label;
        this.hook = context == null ? null : context.onCancelInline(this::contextEnded);
    }

    /** From here on the work is late. For an owner that is told of the context's end; any thread. */
    public void contextEnded(CancelCause end) {
        if (!CAUSE.compareAndSet(this, null, end)) {
            return;
        }
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
        if (hook == null ? cause != null : !hook.stop()) {
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
        CancelCause end = cause;
        if (end == null) {
            return null;
        }
        String name = thread.getName();
        return new OverdueTask(
                label.toString(),
                name.isEmpty() ? thread.toString() : name,
                thread.threadId(),
                java.time.Duration.ofNanos(lateNanos(now)),
                end,
                List.of(thread.getStackTrace()));
    }
}
