// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * A task of a {@link TaskGroup} and, once the group is joined, its result.
 *
 * <pre>
 *   from     to         by                   means
 *   PENDING  SUCCEEDED  the task's thread    result is there
 *   PENDING  FAILED     the task's thread    error is there
 *   PENDING  CANCELLED  the task's thread,   the group had ended before it could begin
 *                       or the forking one
 * </pre>
 *
 * One thread moves it, once; {@code state} is written last and read first. Any thread may read.
 *
 * @param <T> the result
 */
public final class ForkedTask<T extends @Nullable Object> {

    /** Where a task is. */
    public enum State {
        /** It has not ended. */
        PENDING,
        /** It returned. */
        SUCCEEDED,
        /** It threw. */
        FAILED,
        /** It never began. */
        CANCELLED
    }

    private final Callable<? extends T> work;
    private @Nullable T result; // published by state
    private @Nullable Throwable error; // published by state
    private volatile State state = State.PENDING; // see the table

    ForkedTask(Callable<? extends T> work) {
        this.work = work;
    }

    String label() {
        return work.getClass().getName();
    }

    /**
     * The task's thread. {@code failing} is told of an error before the state tells: a thread that sees a task
     * failed finds its group ended by that.
     */
    void run(Consumer<Throwable> failing) {
        try {
            result = work.call();
        } catch (Throwable failure) {
            error = failure;
            try {
                failing.accept(failure);
            } finally {
                state = State.FAILED;
            }
            return;
        }
        state = State.SUCCEEDED;
    }

    void cancelled() {
        state = State.CANCELLED;
    }

    /** Where the task is now. */
    public State state() {
        return state;
    }

    /**
     * What the task returned. Never waits: {@link TaskGroup#join()} does.
     *
     * @throws IllegalStateException if it has not ended, failed (with its error as the cause) or never
     *     began
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // T itself says whether null can be the result
    public T result() {
        State now = state;
        if (now != State.SUCCEEDED) {
            throw new IllegalStateException("The task has no result: " + now, error());
        }
        return (T) result;
    }

    /** What the task threw, or null if it has not ended or did not fail. */
    public @Nullable Throwable error() {
        return state == State.FAILED ? error : null;
    }
}
