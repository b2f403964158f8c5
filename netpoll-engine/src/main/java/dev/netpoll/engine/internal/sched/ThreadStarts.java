// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.LateStarts;
import dev.netpoll.engine.io.Dispatch;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts the virtual threads of one loop. A dispatch whose thread cannot be started has left its slot already: it
 * is kept and started as soon as it can be, as the JDK does with a continuation that it cannot queue. Safe from
 * any thread.
 */
final class ThreadStarts {

    private static final long PAUSE_NANOS = 1_000_000;

    private final EventLoop loop;
    private final ThreadFactory threads;
    private final LateStarts late = new LateStarts();

    ThreadStarts(EventLoop loop, ThreadFactory threads) {
        this.loop = loop;
        this.threads = threads;
    }

    Thread start(@Nullable String name, Runnable task) {
        Thread thread = threads.newThread(task);
        if (name != null) {
            thread.setName(name);
        }
        thread.start();
        return thread;
    }

    /** Throws nothing. */
    void start(Dispatch dispatch) {
        if (!tryStart(dispatch)) {
            startLater(dispatch);
        }
    }

    private boolean tryStart(Dispatch dispatch) {
        try {
            threads.newThread(dispatch).start();
            return true;
        } catch (Throwable t) {
            loop.failed(t);
            return false;
        }
    }

    /** Left to the loop's next round; tried here again and again when the loop has closed or is full of them. */
    private void startLater(Dispatch dispatch) {
        while (!loop.isOpen() || !late.offer(dispatch)) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
            if (tryStart(dispatch)) {
                return;
            }
        }
        loop.wakeIfSleeping();
        if (!loop.isOpen()) {
            startLate(); // closed meanwhile: no carrier comes round any more
        }
    }

    /**
     * Queues a continuation again whose thread was left between running and parked; nothing else will. Without memory
     * this is tried until there is some.
     */
    void rescue(Runnable continuation, Throwable thrown) {
        boolean rescued = false;
        while (thrown instanceof VirtualMachineError) {
            try {
                rescued = rescued || LoopThreads.rescue(continuation);
                if (rescued) {
                    loop.execute(continuation);
                }
                return;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    /** The loop's sleep of {@code nanos}, negative for ever, or shorter while a thread is to be started. */
    long shorten(long nanos) {
        return hasLate() && (nanos < 0 || nanos > PAUSE_NANOS) ? PAUSE_NANOS : nanos;
    }

    boolean hasLate() {
        return !late.isEmpty();
    }

    /** Once a round, and when the loop has closed: until one fails again. */
    void startLate() {
        Dispatch dispatch;
        while ((dispatch = late.poll()) != null) {
            if (!tryStart(dispatch)) {
                startLater(dispatch);
                return;
            }
        }
    }
}
