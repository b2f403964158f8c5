// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Disarming says true exactly when the dispatch is not started. */
public class DisarmVersusEventInterleaving {

    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "disarmed, never started")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "too late, started")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the start disagree")
    @State
    public static class Guarded {

        private static final Dispatch DISPATCH = () -> {};

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.arm(Mode.READ, DISPATCH);
        }

        @Actor
        public void disarm(ZI_Result r) {
            r.r1 = desc.disarm(Mode.READ, DISPATCH);
        }

        @Actor
        public void event() {
            desc.event(Masks.IN);
        }

        @Arbiter
        public void look(ZI_Result r) {
            r.r2 = loop.started.size();
        }
    }

    /** Both look first and write then. */
    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "disarmed, never started")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "too late, started")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the start disagree")
    @State
    public static class Unguarded {

        private volatile boolean armed = true;
        private volatile int started;

        @Actor
        public void disarm(ZI_Result r) {
            if (armed) {
                Twin.loseTime();
                armed = false;
                r.r1 = true;
            }
        }

        @Actor
        public void event() {
            if (armed) {
                armed = false;
                started = 1;
            }
        }

        @Arbiter
        public void look(ZI_Result r) {
            r.r2 = started;
        }
    }
}
