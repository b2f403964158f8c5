// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A queued task gets its turn while its context ends: it is run or it is cancelled, never both. */
public class QueuedTaskInterleaving {

    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it began first")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it was cancelled first")
    @Outcome(expect = FORBIDDEN, desc = "both or neither")
    @State
    public static class Guarded {

        private final CancelScope scope = CancelContext.background().withCancel();
        private volatile boolean ran;
        private final ContextFuture<Boolean> future =
                new ContextFuture<>(
                        new TaskScope(scope, "task", null, new CurrentRun()), () -> ran = true);

        @Actor
        public void run() {
            future.run();
        }

        @Actor
        public void cancel() {
            scope.cancel();
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r1 = ran;
            r.r2 = future.isCancelled();
        }
    }

    /** Looking first and writing then, instead of a compare-and-set. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it began first")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it was cancelled first")
    @Outcome(expect = FORBIDDEN, desc = "both or neither")
    @State
    public static class Unguarded {

        private volatile boolean begun;
        private volatile boolean dropped;

        @Actor
        public void run() {
            if (!dropped) {
                begun = true;
            }
        }

        @Actor
        public void cancel() {
            if (!begun) {
                dropped = true;
            }
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r1 = begun;
            r.r2 = dropped;
        }
    }
}
