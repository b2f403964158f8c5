// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * An interrupt scope is closed while its context is cancelled: once both are through, the thread is not
 * interrupted. The actors meet before and after, because an interrupt belongs to a thread, and the
 * thread goes on to the next state.
 */
public class InterruptVersusCloseInterleaving {

    @JCStressTest
    @Outcome(id = "false", expect = ACCEPTABLE, desc = "the interrupt ended with the scope")
    @Outcome(id = "true", expect = FORBIDDEN, desc = "it hit what came after")
    @State
    public static class Guarded {

        private final CancelScope scope = CancelContext.background().withCancel();
        private volatile boolean opened;
        private volatile boolean cancelled;

        @Actor
        public void work(Z_Result r) {
            try (InterruptScope _ = InterruptScope.open(scope)) {
                opened = true;
            }
            while (!cancelled) {
                Thread.onSpinWait();
            }
            r.r1 = Thread.interrupted();
        }

        @Actor
        public void cancel() {
            while (!opened) {
                Thread.onSpinWait();
            }
            scope.cancel();
            cancelled = true;
        }
    }

    /** Without the fence: the hook looks, the scope closes and clears, the interrupt comes. */
    @JCStressTest
    @Outcome(id = "false", expect = ACCEPTABLE, desc = "the interrupt ended with the scope")
    @Outcome(id = "true", expect = FORBIDDEN, desc = "it hit what came after")
    @State
    public static class Unguarded {

        private volatile Thread thread;
        private volatile boolean closed;
        private volatile boolean cancelled;

        @Actor
        public void work(Z_Result r) {
            thread = Thread.currentThread();
            closed = true;
            Thread.interrupted();
            while (!cancelled) {
                Thread.onSpinWait();
            }
            r.r1 = Thread.interrupted();
        }

        @Actor
        public void cancel() {
            while (thread == null) {
                Thread.onSpinWait();
            }
            if (!closed) {
                thread.interrupt();
            }
            cancelled = true;
        }
    }
}
