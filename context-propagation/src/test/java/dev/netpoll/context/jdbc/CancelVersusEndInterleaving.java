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
 * A statement ends while a cancel for it is being sent, and the next one begins on the same connection.
 * The result is the number of the statement that the cancel hit.
 */
public class CancelVersusEndInterleaving {

    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "no cancel was sent any more")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it hit the statement it was for")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "it hit the next statement")
    @State
    public static class Guarded {

        private final CancelFence fence = new CancelFence();
        private volatile int running = 1;

        @Actor
        public void statements() {
            fence.leave();
            running = 2;
        }

        @Actor
        public void cancel(I_Result r) {
            if (fence.trySend()) {
                r.r1 = running;
                fence.arrived();
            }
        }
    }

    /** Looks before it sends, as pgjdbc once did, and the statement does not wait. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "no cancel was sent any more")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it hit the statement it was for")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "it hit the next statement")
    @State
    public static class Unguarded {

        private volatile boolean ended;
        private volatile int running = 1;

        @Actor
        public void statements() {
            ended = true;
            running = 2;
        }

        @Actor
        public void cancel(I_Result r) {
            if (!ended) {
                r.r1 = running;
            }
        }
    }
}
