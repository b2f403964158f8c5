// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.engine.io.PollResult;
import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A reader sets its time-out while somebody else fails all of its reads: they stay failed. */
public class RenewVersusCancelInterleaving {

    @JCStressTest
    @Outcome(id = "DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "failed, whoever came first")
    @Outcome(expect = FORBIDDEN, desc = "the reader's time-out has called the cancel off")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void renew() {
            desc.renewDeadline(Mode.READ, 5_000);
        }

        @Actor
        public void cancel() {
            desc.setDeadline(Mode.READ, PollDesc.EXPIRED);
        }

        @Arbiter
        public void look(L_Result r) {
            r.r1 = desc.check(Mode.READ);
        }
    }

    /** The reader looks whether it is cancelled, and then sets its time-out. */
    @JCStressTest
    @Outcome(id = "DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "cancelled after or well before")
    @Outcome(id = "READY", expect = FORBIDDEN, desc = "the cancel is lost")
    @State
    public static class Unguarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void renew() {
            if (desc.check(Mode.READ) == PollResult.READY) {
                Twin.loseTime();
                desc.setDeadline(Mode.READ, 5_000);
            }
        }

        @Actor
        public void cancel() {
            desc.setDeadline(Mode.READ, PollDesc.EXPIRED);
        }

        @Arbiter
        public void look(L_Result r) {
            r.r1 = desc.check(Mode.READ);
        }
    }
}
