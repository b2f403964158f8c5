// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.concurrent.atomic.AtomicInteger;

/** A scope is cancelled while its parent is: its owner is told once. */
public class OwnerVersusEndsInterleaving {

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(expect = FORBIDDEN, desc = "told twice, or never")
    @State
    public static class Guarded {

        private final AtomicInteger told = new AtomicInteger();
        private final CancelScope parent = CancelContext.background().withCancel();
        private final CancelScope scope = parent.withCancel(_ -> told.incrementAndGet());

        @Actor
        public void cancel() {
            scope.cancel();
        }

        @Actor
        public void cancelAbove() {
            parent.cancel();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = told.get();
        }
    }

    /** Whoever finds it not told yet tells: without the list that only one can close. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(expect = FORBIDDEN, desc = "told twice, or never")
    @State
    public static class Unguarded {

        private final AtomicInteger told = new AtomicInteger();
        private volatile boolean closed;

        @Actor
        public void cancel() {
            tell();
        }

        @Actor
        public void cancelAbove() {
            tell();
        }

        private void tell() {
            if (!closed) {
                closed = true;
                told.incrementAndGet();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = told.get();
        }
    }
}
