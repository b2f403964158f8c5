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

/** The deadline passes while a thread is about to park: it does not park past it. */
public class ParkVersusDeadlineInterleaving {

    @JCStressTest
    @Outcome(id = "DEADLINE_EXCEEDED, NIL", expect = ACCEPTABLE, desc = "seen or woken")
    @Outcome(expect = FORBIDDEN, desc = "it parks for ever, or leaves something behind")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            ticker.moveTo(2_000);
        }

        @Actor
        public void await(LL_Result r) {
            r.r1 = desc.await(Mode.READ);
        }

        @Actor
        public void expire() {
            loop.timers().expire(2_000);
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = desc.slot(Mode.READ).toString();
        }
    }

    /** The same for one that another thread sets in the past. */
    @JCStressTest
    @Outcome(id = "DEADLINE_EXCEEDED, NIL", expect = ACCEPTABLE, desc = "seen or woken")
    @Outcome(expect = FORBIDDEN, desc = "it parks for ever, or leaves something behind")
    @State
    public static class GuardedSetInThePast {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void await(LL_Result r) {
            r.r1 = desc.await(Mode.READ);
        }

        @Actor
        public void set() {
            desc.setDeadline(Mode.READ, 500);
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = desc.slot(Mode.READ).toString();
        }
    }

    /** The waiter looks for the deadline and then announces itself; it says that it would park. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "woken")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it parks for ever")
    @State
    public static class Unguarded {

        private volatile boolean announced;
        private volatile boolean expired;
        private volatile boolean woken;

        @Actor
        public void await(ZZ_Result r) {
            if (!expired) {
                Twin.loseTime();
                announced = true;
                r.r1 = true;
            }
        }

        @Actor
        public void expire() {
            expired = true;
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
