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
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A descriptor closes while a thread is about to park. */
public class ParkVersusCloseInterleaving {

    @JCStressTest
    @Outcome(id = "CLOSING, NIL", expect = ACCEPTABLE, desc = "seen or woken")
    @Outcome(expect = FORBIDDEN, desc = "it parks for ever, or leaves something behind")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void await(LL_Result r) {
            r.r1 = desc.await(Mode.WRITE);
        }

        @Actor
        public void close() {
            desc.close();
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = desc.slot(Mode.WRITE).toString();
        }
    }

    /** The waiter looks for the closing bit and then announces itself; it says that it would park. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "woken")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it parks for ever")
    @State
    public static class Unguarded {

        private volatile boolean announced;
        private volatile boolean closing;
        private volatile boolean woken;

        @Actor
        public void await(ZZ_Result r) {
            if (!closing) {
                Twin.loseTime();
                announced = true;
                r.r1 = true;
            }
        }

        @Actor
        public void close() {
            closing = true;
            if (announced) {
                woken = true;
            }
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r2 = woken;
        }
    }
}
