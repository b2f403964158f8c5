// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** Of a cancel and a completion one wins, both know which, and the cause says the same. */
public class EndVersusEndInterleaving {

    @JCStressTest
    @Outcome(id = "true, false, CANCELLED_BY_CODE", expect = ACCEPTABLE, desc = "cancelled")
    @Outcome(id = "false, true, COMPLETED", expect = ACCEPTABLE, desc = "completed")
    @Outcome(expect = FORBIDDEN, desc = "two winners, none, or another cause")
    @State
    public static class Guarded {

        private final CancelScope scope = CancelContext.background().withCancel();

        @Actor
        public void cancel(ZZL_Result r) {
            r.r1 = scope.cancel();
        }

        @Actor
        public void complete(ZZL_Result r) {
            r.r2 = scope.tryComplete();
        }

        @Arbiter
        public void look(ZZL_Result r) {
            r.r3 = scope.cause().kind();
        }
    }

    /** Looking first and writing then, instead of a compare-and-set. */
    @JCStressTest
    @Outcome(id = "true, false, CANCELLED_BY_CODE", expect = ACCEPTABLE, desc = "cancelled")
    @Outcome(id = "false, true, COMPLETED", expect = ACCEPTABLE, desc = "completed")
    @Outcome(expect = FORBIDDEN, desc = "two winners, none, or another cause")
    @State
    public static class Unguarded {

        private volatile CancelCause.@Nullable Kind outcome;

        @Actor
        public void cancel(ZZL_Result r) {
            r.r1 = end(CancelCause.Kind.CANCELLED_BY_CODE);
        }

        @Actor
        public void complete(ZZL_Result r) {
            r.r2 = end(CancelCause.Kind.COMPLETED);
        }

        private boolean end(CancelCause.Kind kind) {
            if (outcome != null) {
                return false;
            }
            outcome = kind;
            return true;
        }

        @Arbiter
        public void look(ZZL_Result r) {
            r.r3 = outcome;
        }
    }
}
