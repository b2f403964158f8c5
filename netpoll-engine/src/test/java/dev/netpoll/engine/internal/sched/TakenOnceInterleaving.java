// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.util.concurrent.atomic.AtomicInteger;

/** One adds and takes the latest, and another takes the oldest: each runs once. */
public class TakenOnceInterleaving {

    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "each ran once")
    @Outcome(expect = FORBIDDEN, desc = "one was lost, or ran twice")
    @State
    public static class Guarded {

        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private final AtomicInteger third = new AtomicInteger();
        private final LatestFirst stack = new LatestFirst();

        {
            stack.add(first::incrementAndGet);
            stack.add(second::incrementAndGet);
        }

        @Actor
        public void addsAndTakesTheLatest() {
            stack.add(third::incrementAndGet);
            run(stack.pollLatest());
            run(stack.pollLatest());
        }

        @Actor
        public void takesTheOldest() {
            run(stack.pollOldest());
            run(stack.pollOldest());
        }

        @Arbiter
        public void rest(III_Result r) {
            while (!stack.isEmpty()) {
                run(stack.pollLatest());
            }
            r.r1 = first.get();
            r.r2 = second.get();
            r.r3 = third.get();
        }
    }

    /** An entry is looked at, and then emptied. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "each ran once")
    @Outcome(expect = FORBIDDEN, desc = "one was lost, or ran twice")
    @State
    public static class Unguarded {

        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();

        private volatile @Nullable Runnable top = second::incrementAndGet;
        private volatile @Nullable Runnable bottom = first::incrementAndGet;

        @Actor
        public void takesTheLatest() {
            takeTop();
            takeBottom();
        }

        @Actor
        public void takesTheOldest() {
            takeBottom();
            takeTop();
        }

        @Arbiter
        public void rest(III_Result r) {
            takeTop();
            takeBottom();
            r.r1 = first.get();
            r.r2 = second.get();
            r.r3 = 1;
        }

        private void takeTop() {
            Runnable taken = top;
            Twin.loseTime();
            top = null;
            run(taken);
        }

        private void takeBottom() {
            Runnable taken = bottom;
            Twin.loseTime();
            bottom = null;
            run(taken);
        }
    }

    private static void run(@Nullable Runnable taken) {
        if (taken != null) {
            taken.run();
        }
    }
}
