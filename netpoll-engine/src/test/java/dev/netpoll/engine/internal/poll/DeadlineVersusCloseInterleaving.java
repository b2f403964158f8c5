// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A deadline is set while the descriptor closes: no timer is left that holds what is closed. */
public class DeadlineVersusCloseInterleaving {

    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "a closed descriptor's timer stays in the queue")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void set() {
            desc.setDeadline(Mode.READ, 3_000);
        }

        @Actor
        public void close() {
            desc.close();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = loop.timers().size();
        }
    }

    /** Looks at the closing bit before it arms, and not again. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "a closed descriptor's timer stays in the queue")
    @State
    public static class Unguarded {

        private volatile boolean closing;
        private volatile int armed;

        @Actor
        public void set() {
            if (!closing) {
                Twin.loseTime();
                armed = 1;
            }
        }

        @Actor
        public void close() {
            closing = true;
            armed = 0;
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = armed;
        }
    }
}
