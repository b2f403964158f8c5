// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.concurrent.atomic.AtomicInteger;

/** The stall monitor takes a loop from its carrier just when the slice ends: one of them has it. */
public class HandOverInterleaving {

    @JCStressTest
    @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "the slice ended in time")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the loop has a new carrier")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class Guarded {

        private final LoopState state = new LoopState();

        {
            state.beginSlice(0);
        }

        @Actor
        public void endSlice(ZZJ_Result r) {
            r.r1 = state.endSlice(0);
        }

        @Actor
        public void takeOver(ZZJ_Result r) {
            r.r2 = state.takeOver(1);
        }

        @Arbiter
        public void look(ZZJ_Result r) {
            r.r3 = state.turn();
        }
    }

    /** Looking first and writing then, instead of a compare-and-set. */
    @JCStressTest
    @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "the slice ended in time")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the loop has a new carrier")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class Unguarded {

        private volatile long turn = 1;

        @Actor
        public void endSlice(ZZJ_Result r) {
            r.r1 = move();
        }

        @Actor
        public void takeOver(ZZJ_Result r) {
            r.r2 = move();
        }

        private boolean move() {
            if (turn != 1) {
                return false;
            }
            Twin.loseTime();
            turn = 2;
            return true;
        }

        @Arbiter
        public void look(ZZJ_Result r) {
            r.r3 = turn;
        }
    }

    /** The next slice has begun: it is not the one that was stuck. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the slice ended in time")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the loop has a new carrier")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class GuardedNextSlice {

        private final LoopState state = new LoopState();

        {
            state.beginSlice(0);
        }

        @Actor
        public void nextSlice(ZZ_Result r) {
            r.r1 = state.endSlice(0);
            if (r.r1) {
                state.beginSlice(2);
            }
        }

        @Actor
        public void takeOver(ZZ_Result r) {
            r.r2 = state.takeOver(1);
        }
    }

    /** Slices without numbers: one looks like another. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the slice ended in time")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the loop has a new carrier")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class UnguardedNextSlice {

        private final AtomicInteger inSlice = new AtomicInteger(1);

        @Actor
        public void nextSlice(ZZ_Result r) {
            r.r1 = inSlice.compareAndSet(1, 0);
            if (r.r1) {
                inSlice.set(1);
            }
        }

        @Actor
        public void takeOver(ZZ_Result r) {
            r.r2 = inSlice.compareAndSet(1, 0);
        }
    }
}
