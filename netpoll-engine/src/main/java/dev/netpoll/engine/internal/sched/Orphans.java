// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs continuations that no carrier runs: those of a loop that has closed, and those in the queue of one whose carrier
 * does not come back. On platform threads, of which there are none while there is nothing to run. Safe from any thread.
 */
final class Orphans {

    private static final long PAUSE_NANOS = 1_000_000;

    /** Enough for some to block; and not one for each of ten thousand connections. */
    private static final int THREADS = 64;

    private static final long IDLE_SECONDS = 1;

    private final LoopGroup group;
    private final Executor executor;

    /** Made beforehand: a class whose initialisation lacks memory once fails for ever, and what was to run with it. */
    Orphans(LoopGroup group) {
        this(group, threads());
    }

    Orphans(LoopGroup group, Executor executor) {
        this.group = group;
        this.executor = executor;
        loadClasses();
    }

    private static void loadClasses() {
        try {
            MethodHandles.lookup().ensureInitialized(Orphan.class);
        } catch (IllegalAccessException e) {
            throw new LinkageError("A class has no access to its own", e);
        }
    }

    private static Executor threads() {
        var threads = Thread.ofPlatform().name("netpoll-orphans-", 0).daemon().factory();
        var executor =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        threads);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Has {@code continuation} run, which nothing else has any more: without memory this is tried until there is some. */
    void execute(Runnable continuation) {
        while (true) {
            try {
                executor.execute(new Orphan(this, continuation));
                return;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    private void run(Runnable continuation) {
        try {
            continuation.run();
        } catch (Throwable t) {
            group.failed(Failures.Kind.CONTINUATION, this, t);
            if (t instanceof VirtualMachineError && LoopThreads.rescue(continuation)) {
                execute(continuation);
            }
        }
    }

    /** A class of its own: a lambda's is made when it is first needed. */
    private record Orphan(Orphans orphans, Runnable continuation) implements Runnable {

        @Override
        public void run() {
            orphans.run(continuation);
        }
    }

    /**
     * Help for one loop. Where memory lacks for it nothing has been taken from the loop's queue: its own carrier, or the
     * next help, finds all of it. The memory may be held by what is queued there.
     */
    static final class Help implements Runnable {

        private final Orphans orphans;
        private final WorkQueue queue;

        /** Asked for, and no thread has come yet. Set by the monitor, cleared by that thread. */
        private volatile boolean asked;

        Help(Orphans orphans, WorkQueue queue) {
            this.orphans = orphans;
            this.queue = queue;
        }

        /**
         * Has one more thread run what is queued. Stall monitor only; it waits for nothing.
         *
         * @throws OutOfMemoryError when there is no such thread to be had
         */
        void ask() {
            if (asked) {
                return;
            }
            asked = true;
            try {
                orphans.executor.execute(this);
            } catch (Throwable t) {
                asked = false;
                throw t;
            }
        }

        @Override
        public void run() {
            asked = false;
            Runnable continuation;
            while ((continuation = queue.takeAny()) != null) {
                orphans.run(continuation);
            }
        }
    }
}
