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

import java.util.concurrent.atomic.AtomicInteger;

/** A dispatch is armed while the descriptor closes: it is started, once, by one of the two. */
public class ArmVersusCloseInterleaving {

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "started")
    @Outcome(expect = FORBIDDEN, desc = "it waits for ever, or was started twice")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        @Actor
        public void arm() {
            desc.arm(Mode.READ, () -> {});
        }

        @Actor
        public void close() {
            desc.close();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = loop.started.size();
        }
    }

    /** Announces, then checks, and does not take back what it announced. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "started")
    @Outcome(expect = FORBIDDEN, desc = "it waits for ever, or was started twice")
    @State
    public static class Unguarded {

        private final AtomicInteger started = new AtomicInteger();
        private volatile boolean armed;
        private volatile boolean closing;

        @Actor
        public void arm() {
            armed = true;
            Twin.loseTime();
            if (closing) {
                started.incrementAndGet();
            }
        }

        @Actor
        public void close() {
            closing = true;
            if (armed) {
                started.incrementAndGet();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = started.get();
        }
    }
}
