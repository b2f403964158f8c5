// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * An action that runs when a context ends, with the semantics of Go's {@code context.AfterFunc}: it
 * runs once, or never when it was stopped before.
 *
 * <pre>
 *   from     to       moved by                     means
 *   ARMED    STOPPED  stop(), close()              it will never run
 *   ARMED    RUNNING  the thread that ends it      it runs, or its thread has been asked for
 *   RUNNING  AWAITED  a thread that waits for it   the runner has a thread to wake
 *   RUNNING, DONE     the thread that ran it       it has ended, one way or the other
 *   AWAITED
 * </pre>
 *
 * Every step is a compare-and-set or a volatile write of {@code state}: of a stop and a cancel that
 * race, exactly one wins, and a thread that sees DONE sees all the action did.
 *
 * <p>Any thread may stop or await it.
 */
public final class CancelHook implements Member, AutoCloseable {

    private static final Logger LOG = System.getLogger(CancelHook.class.getName());
    private static final VarHandle STATE;

    private static final int ARMED = 0;
    private static final int STOPPED = 1;
    private static final int RUNNING = 2;
    private static final int AWAITED = 3;
    private static final int DONE = 4;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CancelHook.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The context whose end it waits for; null when that context never ends. */
    final @Nullable CancelScope scope;

    // The links of the list it stands in; guarded as Member says.
    @Nullable Member prev;
    @Nullable Member next;
    volatile @Nullable Members holder;

    private final Consumer<? super CancelCause> action;
    private final boolean inline;
    private final @Nullable ClassLoader loader = ContextLoader.current();
    private volatile int state; // atomic, see the table
    private volatile @Nullable Thread runner; // written by the runner alone

    CancelHook(@Nullable CancelScope scope, Consumer<? super CancelCause> action, boolean inline) {
        this.scope = scope;
        this.action = action;
        this.inline = inline;
    }

    /**
     * Calls the action off. Never waits.
     *
     * @return true only if this call prevented the run; false when the action has begun, has run, or
     *     was stopped before
     */
    public boolean stop() {
        if (!STATE.compareAndSet(this, ARMED, STOPPED)) {
            return false;
        }
        Members list = holder;
        if (list != null) {
            list.remove(this);
        }
        return true;
    }

    /**
     * Calls the action off or, when it has begun, waits until it has ended: after this call it does not
     * run and never will. This is the fence for what the action touches: a connection that goes back to
     * its pool can no more be hit by a late cancel. An interrupt does not end the wait and is kept.
     * Called from the action itself it returns at once.
     *
     * @return true only if this call prevented the run
     */
    public boolean stopAndAwait() {
        if (stop()) {
            return true;
        }
        if (runner != Thread.currentThread()) {
            awaitDoneUninterruptibly();
        }
        return false;
    }

    /** The same as {@link #stop()}. */
    @Override
    public void close() {
        stop();
    }

    /** Runs the action, unless it was stopped or has been run, with what its scope has ended with. */
    void fire() {
        CancelCause cause = scope == null ? null : scope.outcome();
        if (scope == null || cause == null || !STATE.compareAndSet(this, ARMED, RUNNING)) {
            return;
        }
        if (inline) {
            run(cause);
        } else {
            EndNotification.startOrRun(scope.runtime(), () -> run(cause));
        }
    }

    private void run(CancelCause cause) {
        runner = Thread.currentThread();
        try {
            ContextLoader.accept(loader, action, cause);
        } catch (Throwable failure) {
            // The other hooks still have to run, and no caller could do anything about it.
            LOG.log(Level.WARNING, "A cancel hook failed (" + cause.message() + ")", failure);
        } finally {
            runner = null;
            // Nearly every hook that runs is an ended request's, and no thread waits for it.
            if (!STATE.compareAndSet(this, RUNNING, DONE)) {
                synchronized (this) {
                    state = DONE;
                    notifyAll();
                }
            }
        }
    }

    private void awaitDoneUninterruptibly() {
        boolean interrupted = false;
        synchronized (this) {
            while (STATE.compareAndSet(this, RUNNING, AWAITED) || state == AWAITED) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
