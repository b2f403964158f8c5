// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.poll.TimerQueue;
import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Work comes while the loop is about to sleep: either the loop sees it, or whoever brought it signals.
 */
public class SleepVersusWorkInterleaving {

    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen before it slept")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "seen, and signalled")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it slept, and was signalled")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it sleeps on its work for ever")
    @State
    public static class Guarded {

        private final LoopState state = new LoopState();
        private final ConcurrentLinkedQueue<LoopState> queue = new ConcurrentLinkedQueue<>();

        @Actor
        public void sleep(ZZ_Result r) {
            state.fallAsleep();
            r.r1 = queue.isEmpty();
        }

        @Actor
        public void work(ZZ_Result r) {
            queue.add(state);
            r.r2 = state.claimWakeUp();
        }
    }

    /** Looks at the queue a last time, and then says that it sleeps. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen before it slept")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "seen, and signalled")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it slept, and was signalled")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it sleeps on its work for ever")
    @State
    public static class Unguarded {

        private final LoopState state = new LoopState();
        private final ConcurrentLinkedQueue<LoopState> queue = new ConcurrentLinkedQueue<>();

        @Actor
        public void sleep(ZZ_Result r) {
            r.r1 = queue.isEmpty();
            Twin.loseTime();
            state.fallAsleep();
        }

        @Actor
        public void work(ZZ_Result r) {
            queue.add(state);
            r.r2 = state.claimWakeUp();
        }
    }

    /** The same for a timer that becomes the first. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen before it slept")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "seen, and signalled")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it slept, and was signalled")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it sleeps past the timer")
    @State
    public static class GuardedTimer {

        private final LoopState state = new LoopState();
        private final TimerQueue timers = new TimerQueue(_ -> {});
        private final Timer timer =
                new Timer() {
                    @Override
                    protected void fire(long now) {}
                };

        @Actor
        public void sleep(ZZ_Result r) {
            state.fallAsleep();
            r.r1 = timers.earliest() == Long.MAX_VALUE;
        }

        @Actor
        public void arm(ZZ_Result r) {
            r.r2 = timers.arm(timer, 100) && state.claimWakeUp();
        }
    }
}
