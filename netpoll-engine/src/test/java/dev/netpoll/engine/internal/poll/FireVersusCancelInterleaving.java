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
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Cancelling a timer says true exactly when it does not fire. */
public class FireVersusCancelInterleaving {

    @JCStressTest
    @Outcome(id = "true, 0, 0", expect = ACCEPTABLE, desc = "cancelled, never fired")
    @Outcome(id = "false, 1, 0", expect = ACCEPTABLE, desc = "too late, fired")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the firing disagree")
    @State
    public static class Guarded {

        private final TimerQueue queue = new TimerQueue(_ -> {});
        private volatile int fired;
        private final Timer timer =
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        fired++;
                    }
                };

        {
            queue.arm(timer, 100);
        }

        @Actor
        public void cancel(ZII_Result r) {
            r.r1 = queue.cancel(timer);
        }

        @Actor
        public void expire() {
            queue.expire(100);
        }

        @Arbiter
        public void look(ZII_Result r) {
            queue.expire(200);
            r.r2 = fired;
            r.r3 = queue.size();
        }
    }

    /** Without the queue's lock. */
    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "cancelled, never fired")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "too late, fired")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the firing disagree")
    @State
    public static class Unguarded {

        private volatile boolean queued = true;
        private volatile int fired;

        @Actor
        public void cancel(ZI_Result r) {
            if (queued) {
                Twin.loseTime();
                queued = false;
                r.r1 = true;
            }
        }

        @Actor
        public void expire() {
            if (queued) {
                queued = false;
                fired = 1;
            }
        }

        @Arbiter
        public void look(ZI_Result r) {
            r.r2 = fired;
        }
    }
}
