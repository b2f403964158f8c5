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
import org.openjdk.jcstress.infra.results.JZ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** Both directions' deadlines share one timer, and are set at once: it is armed for the earlier. */
public class TwoDeadlinesInterleaving {

    @JCStressTest
    @Outcome(id = "2000, true", expect = ACCEPTABLE, desc = "armed for the earlier, the loop told")
    @Outcome(expect = FORBIDDEN, desc = "the earlier would be late")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void setRead() {
            desc.setDeadline(Mode.READ, 3_000);
        }

        @Actor
        public void setWrite() {
            desc.setDeadline(Mode.WRITE, 2_000);
        }

        @Arbiter
        public void look(JZ_Result r) {
            r.r1 = loop.timers().earliest();
            r.r2 = loop.timersMoved.get() > 0;
        }
    }

    /** Each looks whether it is the earlier, and then arms. */
    @JCStressTest
    @Outcome(id = "2000", expect = ACCEPTABLE, desc = "armed for the earlier")
    @Outcome(expect = FORBIDDEN, desc = "the earlier would be late")
    @State
    public static class Unguarded {

        private volatile long armedFor = Timer.UNARMED;

        @Actor
        public void setRead() {
            arm(3_000);
        }

        @Actor
        public void setWrite() {
            arm(2_000);
        }

        private void arm(long when) {
            if (when < armedFor) {
                Twin.loseTime();
                armedFor = when;
            }
        }

        @Arbiter
        public void look(J_Result r) {
            r.r1 = armedFor;
        }
    }
}
