// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Who has seen a context ended sees all below it ended. */
public class HalfCancelledInterleaving {

    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "looked before the end")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the end came between the looks")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "looked after the end")
    @Outcome(expect = FORBIDDEN, desc = "half cancelled")
    @State
    public static class Guarded {

        private final CancelScope parent = CancelContext.background().withCancel();
        private final CancelScope child = parent.withCancel().withCancel();

        @Actor
        public void cancel() {
            parent.cancel();
        }

        @Actor
        public void look(ZZ_Result r) {
            r.r1 = parent.isCancelled();
            r.r2 = child.isCancelled();
        }
    }

    /** A child that waits to be told instead of looking up. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "looked before the end")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the end came between the looks")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "looked after the end")
    @Outcome(expect = FORBIDDEN, desc = "half cancelled")
    @State
    public static class Unguarded {

        private volatile boolean parent;
        private final AtomicIntegerArray siblings = new AtomicIntegerArray(20);
        private volatile boolean child;

        @Actor
        public void cancel() {
            parent = true;
            for (int i = 0; i < siblings.length(); i++) {
                siblings.set(i, 1);
            }
            child = true;
        }

        @Actor
        public void look(ZZ_Result r) {
            r.r1 = parent;
            r.r2 = child;
        }
    }

    /**
     * A child that asks its parent first and then looks for what is above that: the parent has forgotten
     * its own parent meanwhile, because it has ended.
     */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "looked before the end")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the end came between the looks")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "looked after the end")
    @Outcome(expect = FORBIDDEN, desc = "half cancelled")
    @State
    public static class UnguardedForgetting {

        private volatile boolean grandparentEnded;
        private volatile boolean parentEnded;
        private volatile boolean parentHasAParent = true;

        /** Those of the parent, and what else there is to do: without it the three steps seldom meet the look. */
        private final AtomicIntegerArray others = new AtomicIntegerArray(20);

        @Actor
        public void cancel() {
            grandparentEnded = true;
            for (int i = 0; i < others.length(); i++) {
                others.set(i, 1);
            }
            parentEnded = true;
            parentHasAParent = false;
        }

        @Actor
        public void look(ZZ_Result r) {
            r.r1 = grandparentEnded;
            boolean asked = parentEnded;
            for (int i = 0; i < others.length(); i++) {
                others.set(i, 2);
            }
            r.r2 = asked || parentHasAParent && grandparentEnded;
        }
    }
}
