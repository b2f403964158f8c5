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
 * <p>It looks at once, and again every millisecond; less often the longer that has been in vain. A wait
 * that may leave the interrupt on the thread is looked at again after 20 ms: most have come to an end by
 * themselves then, and the others are long. A look takes 0.1 ms where the thread waits, nearly nothing where
 * it does not.
 */
final class InterruptWatch implements Runnable {

    private static final Logger LOG = System.getLogger(InterruptWatch.class.getName());

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** So many looks, then the pause doubles; six times at most. */
    private static final int LOOKS = 8;

    private static final int DOUBLINGS = 6;

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
        for (int looks = 0; state.isWatchNeeded(); looks++) {
            InterruptibleWait wait = InterruptibleWait.of(thread);
            boolean lasts = wait != null && wait.isLike(before);
            before = wait;
            if (wait == null || !state.deliverInto(wait, lasts)) {
                LockSupport.parkNanos(pauseAfter(wait, looks));
            }
        }
    }

    private static long pauseAfter(@Nullable InterruptibleWait wait, int looks) {
        long pause = PAUSE_NANOS << Math.min(DOUBLINGS, looks / LOOKS);
        return wait == null ? pause : Math.max(LASTING_NANOS, pause);
    }
}
