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
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.concurrent.atomic.AtomicInteger;

/** An armed dispatch is started once, whoever comes for it. */
public class WakeOnceInterleaving {

    @JCStressTest
    @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "the first closes")
    @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "the second closes")
    @Outcome(expect = FORBIDDEN, desc = "closed twice, or a waiter not woken or woken twice")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.arm(Mode.READ, () -> {});
            desc.arm(Mode.WRITE, () -> {});
        }

        @Actor
        public void close(ZZI_Result r) {
            r.r1 = desc.close();
        }

        @Actor
        public void closeToo(ZZI_Result r) {
            r.r2 = desc.close();
        }

        @Arbiter
        public void look(ZZI_Result r) {
            r.r3 = loop.started.size();
        }
    }

    /** Looking first and writing then, instead of one atomic step. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first closes")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second closes")
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = "closed twice")
    @State
    public static class Unguarded {

        private volatile boolean closing;

        @Actor
        public void close(ZZ_Result r) {
            r.r1 = close();
        }

        @Actor
        public void closeToo(ZZ_Result r) {
            r.r2 = close();
        }

        private boolean close() {
            if (closing) {
                return false;
            }
            Twin.loseTime();
            closing = true;
            return true;
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "started by one of the two")
    @Outcome(expect = FORBIDDEN, desc = "not at all, or twice")
    @State
    public static class GuardedCloseVersusEvent {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.arm(Mode.READ, () -> {});
        }

        @Actor
        public void close() {
            desc.close();
        }

        @Actor
        public void event() {
            desc.event(Masks.IN);
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = loop.started.size();
        }
    }

    /** Both read the slot, and then empty it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "started by one of the two")
    @Outcome(expect = FORBIDDEN, desc = "not at all, or twice")
    @State
    public static class UnguardedCloseVersusEvent {

        private final AtomicInteger started = new AtomicInteger();
        private volatile boolean armed = true;

        @Actor
        public void close() {
            wake();
        }

        @Actor
        public void event() {
            wake();
        }

        private void wake() {
            if (armed) {
                Twin.loseTime();
                armed = false;
                started.incrementAndGet();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = started.get();
        }
    }
}
