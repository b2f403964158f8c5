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
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * An interrupted thread withdraws while the event comes: either it has the event, or the event stays
 * for the next. The thread interrupts itself, because jcstress uses it again for the next state.
 */
public class InterruptVersusEventInterleaving {

    @JCStressTest
    @Outcome(id = "READY, NIL", expect = ACCEPTABLE, desc = "the event came first")
    @Outcome(id = "INTERRUPTED, READY", expect = ACCEPTABLE, desc = "it stays for the next")
    @Outcome(expect = FORBIDDEN, desc = "the event is lost")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void await(LL_Result r) {
            Thread.currentThread().interrupt();
            r.r1 = desc.await(Mode.READ);
            Thread.interrupted();
        }

        @Actor
        public void event() {
            desc.event(Masks.IN);
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = desc.slot(Mode.READ).toString();
        }
    }

    /** It empties the slot without looking again. */
    @JCStressTest
    @Outcome(id = "READY, NIL", expect = ACCEPTABLE, desc = "the event came first")
    @Outcome(id = "INTERRUPTED, READY", expect = ACCEPTABLE, desc = "it stays for the next")
    @Outcome(expect = FORBIDDEN, desc = "the event is lost")
    @State
    public static class Unguarded {

        private enum Slot {
            NIL,
            READY,
            WAITER
        }

        private volatile Slot slot = Slot.WAITER;

        @Actor
        public void withdraw(LL_Result r) {
            if (slot == Slot.WAITER) {
                Twin.loseTime();
                slot = Slot.NIL;
                r.r1 = PollResult.INTERRUPTED;
            } else {
                slot = Slot.NIL;
                r.r1 = PollResult.READY;
            }
        }

        @Actor
        public void event() {
            slot = Slot.READY;
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = slot;
        }
    }
}
