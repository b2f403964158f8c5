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
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * An event and the deadline come for one armed dispatch: it is started once, and finds the event however
 * long it waits to run.
 */
public class EventVersusDeadlineInterleaving {

    @JCStressTest
    @Outcome(id = "1, READY", expect = ACCEPTABLE, desc = "started by one of the two, and served")
    @Outcome(expect = FORBIDDEN, desc = "started twice or never, or timed out with bytes there")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            desc.arm(Mode.READ, () -> {});
            ticker.moveTo(2_000);
        }

        @Actor
        public void event() {
            desc.event(Masks.IN);
        }

        @Actor
        public void expire() {
            loop.timers().expire(2_000);
        }

        @Arbiter
        public void look(IL_Result r) {
            r.r1 = loop.started.size();
            r.r2 = desc.startedBy(Mode.READ);
        }
    }

    /** The deadline passes while somebody sets it to fail all I/O: that word stands. */
    @JCStressTest
    @Outcome(id = "READY, DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "read before the word")
    @Outcome(expect = FORBIDDEN, desc = "a deadline that passes takes the place of the word")
    @State
    public static class GuardedWord {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            desc.event(Masks.IN);
            ticker.moveTo(2_000);
        }

        @Actor
        public void expire() {
            loop.timers().expire(2_000);
        }

        @Actor
        public void fail(LL_Result r) {
            r.r1 = desc.startedBy(Mode.READ);
            desc.setDeadline(Mode.READ, PollDesc.EXPIRED);
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = desc.startedBy(Mode.READ);
        }
    }

    /** What expires writes over whatever it finds. */
    @JCStressTest
    @Outcome(id = "READY, DEADLINE_EXCEEDED", expect = ACCEPTABLE, desc = "the word stands")
    @Outcome(expect = FORBIDDEN, desc = "the word is lost: the read goes on")
    @State
    public static class UnguardedWord {

        private volatile long deadline = 2_000;

        @Actor
        public void expire() {
            if (deadline == 2_000) {
                Twin.loseTime();
                deadline = 1;
            }
        }

        @Actor
        public void fail(LL_Result r) {
            r.r1 = PollResult.READY;
            deadline = PollDesc.EXPIRED;
        }

        @Arbiter
        public void look(LL_Result r) {
            r.r2 = deadline == PollDesc.EXPIRED ? PollResult.DEADLINE_EXCEEDED : PollResult.READY;
        }
    }

    /** The dispatch asks the deadline alone. */
    @JCStressTest
    @Outcome(id = "1, READY", expect = ACCEPTABLE, desc = "it runs before the deadline has passed")
    @Outcome(id = "1, DEADLINE_EXCEEDED", expect = FORBIDDEN, desc = "timed out with bytes there")
    @State
    public static class Unguarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            desc.arm(Mode.READ, () -> {});
            desc.event(Masks.IN);
            ticker.moveTo(2_000);
        }

        @Actor
        public void run(IL_Result r) {
            r.r2 = desc.check(Mode.READ);
        }

        @Actor
        public void expire() {
            loop.timers().expire(2_000);
        }

        @Arbiter
        public void look(IL_Result r) {
            r.r1 = loop.started.size();
        }
    }

    /** An event comes, and then the deadline passes, while a thread looks what it was started for. */
    @JCStressTest
    @Outcome(id = "READY", expect = ACCEPTABLE, desc = "before its deadline, or with the event")
    @Outcome(expect = FORBIDDEN, desc = "it saw the deadline, and not the event before it")
    @State
    public static class GuardedLook {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

        {
            desc.setDeadline(Mode.READ, 2_000);
            ticker.moveTo(2_000);
        }

        @Actor
        public void eventAndExpire() {
            desc.event(Masks.IN);
            loop.timers().expire(2_000);
        }

        @Actor
        public void look(L_Result r) {
            r.r1 = desc.startedBy(Mode.READ);
        }
    }

    /** The thread looks for the event first, and then at the deadline. */
    @JCStressTest
    @Outcome(id = "READY", expect = ACCEPTABLE, desc = "before its deadline, or with the event")
    @Outcome(id = "DEADLINE_EXCEEDED", expect = FORBIDDEN, desc = "not the event before it")
    @State
    public static class UnguardedLook {

        private volatile boolean event;
        private volatile boolean passed;

        @Actor
        public void eventAndExpire() {
            event = true;
            passed = true;
        }

        @Actor
        public void look(L_Result r) {
            boolean came = event;
            Twin.loseTime();
            r.r1 = came || !passed ? PollResult.READY : PollResult.DEADLINE_EXCEEDED;
        }
    }
}
