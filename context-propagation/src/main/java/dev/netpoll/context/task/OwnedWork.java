// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.InterruptScope;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Work whose owner is told of its context's end ({@link
 * dev.netpoll.context.CancelContext#withCancel(java.util.function.Consumer)}), and the one thread at a
 * time that is in it: from the end on that thread is interrupted and watched. What two hooks on the
 * context would do, without any.
 *
 * <pre>
 *   cause  → cause      by                        effect
 *   null   → a cause    end(), the first          tellInside() follows
 *
 *   inside → inside     by
 *   null   → a thread   enter(), on that thread   told at once if there is a cause
 *   thread → null       leave(), on that thread   never interrupted after it, nor listed
 * </pre>
 *
 * The end and an enter can run against each other: the one sets the cause and then looks which threads are inside,
 * the other comes in and then looks for a cause. Who is seen by both is told once. A leave that runs
 * against the end is fenced off by what is left: {@link WatchedTask} and {@link InterruptScope}.
 */
public final class OwnedWork {

    private static final VarHandle CAUSE;

    static {
        try {
            CAUSE =
                    MethodHandles.lookup()
                            .findVarHandle(OwnedWork.class, "cause", CancelCause.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final OverdueWatch watch;
    private final InterruptPolicy interrupting;
    private final Object label;

    private volatile @Nullable CancelCause cause; // atomic, see the table
    private volatile @Nullable WatchedTask inside; // the thread inside, see the table

    /** Of the thread inside, which writes it before {@code inside}; read after that by anyone. */
    private @Nullable InterruptScope interrupts;

    /**
     * Work that no thread is in yet.
     *
     * @param interrupting when the thread inside may be interrupted by the end
     * @param label what it is, for people: asked for a text only when it is shown
     */
    public OwnedWork(OverdueWatch watch, InterruptPolicy interrupting, Object label) {
        this.watch = watch;
        this.interrupting = interrupting;
        this.label = label;
    }

    /** The calling thread comes in. */
    public void enter() {
        interrupts =
                interrupting == InterruptPolicy.NEVER ? null : InterruptScope.open(interrupting);
        inside = watch.watch(label);
        CancelCause end = cause;
        if (end != null) {
            tellInside();
        }
    }

    /** The calling thread, which came in, goes. */
    public void leave() {
        WatchedTask work = inside;
        if (work == null) {
            throw new IllegalStateException("No thread is in " + label);
        }
        inside = null;
        work.close();
        InterruptScope interruptScope = interrupts;
        if (interruptScope != null) {
            interruptScope.close();
        }
    }

    /** Whether a thread is inside. */
    public boolean isEntered() {
        return inside != null;
    }

    /**
     * Its context has ended: threads that come in from here on are told; {@link #tellInside} for those inside.
     *
     * @return false if it had ended before
     */
    public boolean end(CancelCause end) {
        return CAUSE.compareAndSet(this, null, end);
    }

    /** After the end: threads inside are late, and are interrupted. From any thread; never blocks. */
    public void tellInside() {
        CancelCause end = cause;
        WatchedTask work = inside;
        if (end != null && work != null) {
            work.contextEnded(end);
            InterruptScope interruptScope = interrupts;
            if (interruptScope != null) {
                interruptScope.interrupt();
            }
        }
    }

    /** What it ended with, as far as it has been told. */
    public @Nullable CancelCause cause() {
        return cause;
    }
}
