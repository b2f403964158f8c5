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

/**
 * A loop is closed just when the monitor takes it from a carrier whose slice never ends. The first result says
 * whether the closer waits for that carrier, the second whether the monitor has given the loop to another.
 */
public class CloseVersusHandOverInterleaving {

    private static final int STUCK = 1;
    private static final int NEXT = 2;

    /** The closer takes the loop from the slice itself, or asks again who has it. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "closed first: no carrier has it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "closed after: the next one leaves")
    @Outcome(expect = FORBIDDEN, desc = "it waits for a slice that never ends")
    @State
    public static class Guarded {

        private final LoopState state = new LoopState();
        private volatile int owner = STUCK;

        {
            state.beginSlice(0);
        }

        @Actor
        public void close(ZZ_Result r) {
            boolean taken = state.takeFromSlice();
            while (!taken && state.inSlice()) {
                taken = state.takeFromSlice();
            }
            while (!taken && owner == STUCK) { // asked anew: the monitor is about to say so
                Thread.onSpinWait();
            }
            r.r1 = false;
        }

        @Actor
        public void handOver(ZZ_Result r) {
            r.r2 = state.takeOver(1);
            if (r.r2) {
                owner = NEXT;
            }
        }
    }

    /** Asking once who has the loop, and waiting for that carrier. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "closed first: no carrier has it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "closed after: the next one leaves")
    @Outcome(expect = FORBIDDEN, desc = "it waits for a slice that never ends")
    @State
    public static class Unguarded {

        private final LoopState state = new LoopState();
        private volatile int owner = STUCK;

        {
            state.beginSlice(0);
        }

        @Actor
        public void close(ZZ_Result r) {
            int asked = owner;
            Twin.loseTime();
            boolean stillInSlice = state.inSlice() && state.takeFromSlice();
            r.r1 = !stillInSlice && asked == STUCK;
        }

        @Actor
        public void handOver(ZZ_Result r) {
            r.r2 = state.takeOver(1);
            if (r.r2) {
                owner = NEXT;
            }
        }
    }
}
