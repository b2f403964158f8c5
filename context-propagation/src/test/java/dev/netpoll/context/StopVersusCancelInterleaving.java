// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

import java.util.concurrent.atomic.AtomicInteger;

/** {@code stop()} says true exactly when the action does not run. */
public class StopVersusCancelInterleaving {

    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "stopped, never ran")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "too late, ran")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the run disagree")
    @State
    public static class Guarded {

        private final CancelScope scope = CancelContext.background().withCancel();
        private final AtomicInteger ran = new AtomicInteger();
        private final CancelHook hook = scope.onCancelInline(_ -> ran.incrementAndGet());

        @Actor
        public void stop(ZI_Result r) {
            r.r1 = hook.stop();
        }

        @Actor
        public void cancel() {
            scope.cancel();
        }

        @Arbiter
        public void look(ZI_Result r) {
            r.r2 = ran.get();
        }
    }

    /** Looking first and writing then, instead of a compare-and-set. */
    @JCStressTest
    @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "stopped, never ran")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "too late, ran")
    @Outcome(expect = FORBIDDEN, desc = "the answer and the run disagree")
    @State
    public static class Unguarded {

        private volatile boolean stopped;
        private volatile boolean begun;
        private final AtomicInteger ran = new AtomicInteger();

        @Actor
        public void stop(ZI_Result r) {
            if (!begun) {
                stopped = true;
                r.r1 = true;
            }
        }

        @Actor
        public void cancel() {
            if (!stopped) {
                begun = true;
                ran.incrementAndGet();
            }
        }

        @Arbiter
        public void look(ZI_Result r) {
            r.r2 = ran.get();
        }
    }
}
