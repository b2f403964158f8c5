// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A call ends just when patience with it does, and the connection goes back to its pool. The result is
 * the number of the user whose connection was broken off.
 */
public class AbortVersusEndInterleaving {

    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "the call came first")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the abort came first, and the user knows")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "it hit the connection's next user")
    @Outcome(id = "-1", expect = FORBIDDEN, desc = "the user gave a broken connection back")
    @State
    public static class Guarded {

        private final CancelFence fence = new CancelFence();
        private volatile int user = 1;
        private volatile boolean broken;

        @Actor
        public void user(I_Result r) {
            fence.leave();
            boolean known = fence.isLost();
            if (broken && !known) {
                r.r1 = -1;
            }
            user = 2;
        }

        @Actor
        public void patience(I_Result r) {
            if (fence.tryAbort()) {
                r.r1 = user;
                broken = true;
                fence.lost();
            }
        }
    }

    /** Looks whether the call is over, and then aborts. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "the call came first")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the abort came first")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "it hit the connection's next user")
    @State
    public static class Unguarded {

        private volatile boolean over;
        private volatile int user = 1;

        @Actor
        public void user() {
            over = true;
            user = 2;
        }

        @Actor
        public void patience(I_Result r) {
            if (!over) {
                r.r1 = user;
            }
        }
    }
}
