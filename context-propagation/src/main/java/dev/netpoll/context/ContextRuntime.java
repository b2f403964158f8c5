// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/**
 * The clock, the timer and the threads that a tree of contexts uses. All of this module's time
 * comes through this interface.
 *
 * <p>{@link #system()} serves everything that has nothing better; an event loop can lend its own timer
 * queue and its own virtual threads to the contexts that are born on it ({@link
 * CancelContext#withRuntime}); tests use {@code dev.netpoll.test.ManualRuntime}.
 *
 * <p>Implementations must be safe for use from any thread.
 */
public interface ContextRuntime {

    /** The system's clock, one daemon timer thread, and virtual threads. */
    static ContextRuntime system() {
        return SystemRuntime.INSTANCE;
    }

    /**
     * The time in nanoseconds since an arbitrary origin, never going backwards. Compare by difference,
     * as with {@link System#nanoTime()}.
     */
    long nanoTime();

    /**
     * Runs {@code expiry} once, at {@code atNanos} of {@link #nanoTime()} or as soon after it as can
     * be; at once when that time has passed. It is run on the timer's own thread: what contexts hand in
     * here never blocks and never runs a user's code.
     *
     * @return the way to call it off
     */
    Timeout schedule(long atNanos, Runnable expiry);

    /**
     * Runs {@code action} on a thread where it may block, without making the caller wait. Called for
     * every hook and for what a timer's expiry has to run.
     */
    void start(Runnable action);

    /** One scheduled expiry. */
    @FunctionalInterface
    interface Timeout {

        /**
         * Calls the expiry off and forgets it. Idempotent, cheap, never waits; an expiry that has
         * begun goes on.
         */
        void cancel();
    }
}
