// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at a thread whose interrupt has to wait until it is in an {@link InterruptibleWait}, and delivers
 * it there. There is one for a thread, while something is pending. It runs on a virtual thread of its own,
 * started by the thread that ends the context: on the same event loop as the handler of a client that
 * leaves, mostly, where neither runs while the other does.
 *
 * <p>There is no signal for "this thread waits now", so it looks: at once, then whenever another eighth of
 * the time since the cancel has passed, but a millisecond at least and a second at most. That delays an
 * interrupt by an eighth of what the work has taken since its cancel, and makes some fifty looks in the
 * first second and one a second from the eighth on. A wait that may leave the interrupt on the thread is
 * looked at again after 20 ms: most have come to an end by themselves then, and the others are long. A look
 * takes 0.1 ms where the thread waits, nearly nothing where it does not; between looks the watch is a parked
 * virtual thread.
 */
final class InterruptWatch implements Runnable {

    private static final Logger LOG = System.getLogger(InterruptWatch.class.getName());

    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The share of the time since the cancel by which an interrupt may come late. */
    private static final int SHARE = 8;

    private static final long LASTING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ThreadState state;
    private final Thread thread;
    private @Nullable InterruptibleWait before; // its own thread only

    private InterruptWatch(ThreadState state, Thread thread) {
        this.state = state;
        this.thread = thread;
    }

    static void start(ThreadState state, Thread thread) {
        try {
            Thread.ofVirtual()
                    .name("context-interrupt")
                    .inheritInheritableThreadLocals(false)
                    .start(new InterruptWatch(state, thread));
        } catch (Throwable noThread) {
            state.isNotWatched();
            LOG.log(Level.WARNING, "No thread to interrupt " + thread, noThread);
        }
    }

    @Override
    public void run() {
        long slept =
                0; // counted, not read from a clock: a look's own time is no reason to look more
        while (state.isWatchNeeded()) {
            InterruptibleWait wait = InterruptibleWait.of(thread);
            boolean lasts = wait != null && wait.isLike(before);
            before = wait;
            if (wait == null || !state.deliverInto(wait, lasts)) {
                long pause = pauseAfter(wait != null, slept);
                LockSupport.parkNanos(pause);
                slept += pause;
            }
        }
    }

    /** How long until the next look, after pauses of {@code slept} in all. */
    static long pauseAfter(boolean waited, long slept) {
        long least = waited ? LASTING_NANOS : LEAST_NANOS;
        return Math.clamp(slept / SHARE, least, MOST_NANOS);
    }
}
