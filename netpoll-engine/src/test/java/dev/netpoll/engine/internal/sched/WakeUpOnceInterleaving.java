// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two bring work to a sleeping loop: one of them signals. */
public class WakeUpOnceInterleaving {

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first signals")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second signals")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class Guarded {

        private final LoopState state = new LoopState();

        {
            state.fallAsleep();
        }

        @Actor
        public void work(ZZ_Result r) {
            r.r1 = state.claimWakeUp();
        }

        @Actor
        public void workToo(ZZ_Result r) {
            r.r2 = state.claimWakeUp();
        }
    }

    /** Looking first and writing then, instead of an exchange. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first signals")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second signals")
    @Outcome(expect = FORBIDDEN, desc = "both, or neither")
    @State
    public static class Unguarded {

        private volatile boolean sleeping = true;

        @Actor
        public void work(ZZ_Result r) {
            r.r1 = claimWakeUp();
        }

        @Actor
        public void workToo(ZZ_Result r) {
            r.r2 = claimWakeUp();
        }

        private boolean claimWakeUp() {
            if (!sleeping) {
                return false;
            }
            Twin.loseTime();
            sleeping = false;
            return true;
        }
    }
}
