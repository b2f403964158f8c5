// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.InterruptPolicy;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.time.Duration;

/**
 * A thread comes into work while that ends: it is interrupted, whichever came first, and not any more
 * once it has left. The actors meet before the look, because an interrupt belongs to a thread, and the
 * thread goes on to the next state.
 */
public class OwnedWorkInterleaving {

    private static final OverdueWatch WATCH =
            OverdueWatch.logging(new OverdueWatch.Settings(Duration.ofDays(1), Duration.ofDays(1)));

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "interrupted inside, and only there")
    @Outcome(expect = FORBIDDEN, desc = "the end was missed, or the interrupt stayed")
    @State
    public static class Guarded {

        private final OwnedWork work = new OwnedWork(WATCH, InterruptPolicy.ALWAYS, "work");
        private volatile boolean told;

        @Actor
        public void come(ZZ_Result r) {
            work.enter();
            while (!told) {
                Thread.onSpinWait();
            }
            r.r1 = Thread.currentThread().isInterrupted();
            work.leave();
            r.r2 = Thread.interrupted();
        }

        @Actor
        public void end() {
            work.end(new CancelCause.CancelledByCode("enough"));
            work.tellInside();
            told = true;
        }
    }

    /** Who comes in looks for the end first, and is not looked for after it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "interrupted inside, and only there")
    @Outcome(expect = FORBIDDEN, desc = "the end was missed, or the interrupt stayed")
    @State
    public static class Unguarded {

        private volatile Thread inside;
        private volatile boolean ended;
        private volatile boolean told;

        @Actor
        public void come(ZZ_Result r) {
            if (ended) {
                Thread.currentThread().interrupt();
            }
            inside = Thread.currentThread();
            while (!told) {
                Thread.onSpinWait();
            }
            r.r1 = Thread.interrupted();
        }

        @Actor
        public void end() {
            ended = true;
            Thread thread = inside;
            if (thread != null) {
                thread.interrupt();
            }
            told = true;
        }
    }
}
