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
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** A deadline is moved while its timer fires for the old time. */
public class MovedDeadlineInterleaving {

    /** It moves back: what was due is not any more, and the new time still comes. */
    @JCStressTest
    @Outcome(id = "READY, DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "at its new time")
    @Outcome(expect = FORBIDDEN, desc = "at its old time, or never")
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
        public void fire() {
            loop.timers().expire(2_000);
        }

        @Actor
        public void move() {
            desc.setDeadline(Mode.READ, 5_000);
        }

        @Arbiter
        public void look(LL_Result r) {
            loop.timers().expire(4_999);
            r.r1 = desc.check(Mode.READ);
            loop.timers().expire(5_000);
            r.r2 = desc.check(Mode.READ);
        }
    }

    /** Looking whether it is due, and then marking it, whatever it is by then. */
    @JCStressTest
    @Outcome(id = "READY", expect = ACCEPTABLE, desc = "not yet due")
    @Outcome(id = "DEADLINE_EXCEEDED", expect = FORBIDDEN, desc = "at its old time")
    @State
    public static class Unguarded {

        private volatile long deadline = 2_000;

        @Actor
        public void fire() {
            if (deadline <= 2_000) {
                Twin.loseTime();
                deadline = PollDesc.EXPIRED;
            }
        }

        @Actor
        public void move() {
            deadline = 5_000;
        }

        @Arbiter
        public void look(L_Result r) {
            r.r1 = deadline == 5_000 ? PollResult.READY : PollResult.DEADLINE_EXCEEDED;
        }
    }

    /** It moves forward while its timer, which was early, is on its way to the later time. */
    @JCStressTest
    @Outcome(id = "READY, DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "at its new time")
    @Outcome(expect = FORBIDDEN, desc = "before it, or after it")
    @State
    public static class GuardedForward {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            desc.setDeadline(Mode.READ, 5_000);
            ticker.moveTo(2_000);
        }

        @Actor
        public void fire() {
            loop.timers().expire(2_000);
        }

        @Actor
        public void move() {
            desc.setDeadline(Mode.READ, 3_000);
        }

        @Arbiter
        public void look(LL_Result r) {
            loop.timers().expire(2_999);
            r.r1 = desc.check(Mode.READ);
            loop.timers().expire(3_000);
            r.r2 = desc.check(Mode.READ);
        }
    }

    /** The timer looks at the deadline, and only then says that it is armed no longer. */
    @JCStressTest
    @Outcome(id = "3000", expect = ACCEPTABLE, desc = "it will fire in time")
    @Outcome(expect = FORBIDDEN, desc = "it will fire late")
    @State
    public static class UnguardedForward {

        private volatile long deadline = 5_000;
        private volatile long armedFor = 2_000;

        @Actor
        public void fire() {
            long next = deadline;
            Twin.loseTime();
            armedFor = next;
        }

        @Actor
        public void move() {
            deadline = 3_000;
            if (armedFor > 3_000) {
                armedFor = 3_000;
            }
        }

        @Arbiter
        public void look(J_Result r) {
            // Early is right too: it looks again when it fires.
            r.r1 = armedFor <= 3_000 ? 3_000 : armedFor;
        }
    }
}
