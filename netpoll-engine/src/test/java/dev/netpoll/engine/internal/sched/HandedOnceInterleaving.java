// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.engine.internal.sched.WorkQueue.Origin;
import dev.netpoll.testsupport.Twin;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A thread is handed something while a neighbour takes the one that was before it: each runs once. */
public class HandedOnceInterleaving {

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each ran once")
    @Outcome(expect = FORBIDDEN, desc = "one was lost, or ran twice")
    @State
    public static class Guarded {

        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private final WorkQueue queue = new WorkQueue();

        {
            queue.add(first::incrementAndGet, Origin.HANDED);
        }

        @Actor
        public void hands() {
            queue.add(second::incrementAndGet, Origin.HANDED);
        }

        @Actor
        public void takes() {
            runNext();
        }

        @Arbiter
        public void rest(II_Result r) {
            while (!queue.isEmpty()) {
                runNext();
            }
            r.r1 = first.get();
            r.r2 = second.get();
        }

        private void runNext() {
            Runnable next = queue.takeAny();
            if (next != null) {
                next.run();
            }
        }
    }

    /** Looking first and writing then, instead of an exchange. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each ran once")
    @Outcome(expect = FORBIDDEN, desc = "one was lost, or ran twice")
    @State
    public static class Unguarded {

        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private final ConcurrentLinkedQueue<Runnable> begun = new ConcurrentLinkedQueue<>();

        private volatile @Nullable Runnable handed = first::incrementAndGet;

        @Actor
        public void hands() {
            Runnable before = handed;
            Twin.loseTime();
            handed = second::incrementAndGet;
            if (before != null) {
                begun.add(before);
            }
        }

        @Actor
        public void takes() {
            run(takeHanded());
        }

        @Arbiter
        public void rest(II_Result r) {
            run(takeHanded());
            Runnable next;
            while ((next = begun.poll()) != null) {
                run(next);
            }
            r.r1 = first.get();
            r.r2 = second.get();
        }

        private @Nullable Runnable takeHanded() {
            Runnable next = handed;
            Twin.loseTime();
            handed = null;
            return next;
        }

        private static void run(@Nullable Runnable next) {
            if (next != null) {
                next.run();
            }
        }
    }
}
