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

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A hook that is set while its context is cancelled runs once, on one thread or the other. */
public class HookVersusCancelInterleaving {

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it ran")
    @Outcome(expect = FORBIDDEN, desc = "lost, or run twice")
    @State
    public static class Guarded {

        private final CancelScope scope = CancelContext.background().withCancel();
        private final AtomicInteger ran = new AtomicInteger();

        @Actor
        public void hook() {
            scope.onCancelInline(_ -> ran.incrementAndGet());
        }

        @Actor
        public void cancel() {
            scope.cancel();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = ran.get();
        }
    }

    /** Without a list that can be closed: the hook comes in after the last look at it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it ran")
    @Outcome(expect = FORBIDDEN, desc = "lost, or run twice")
    @State
    public static class Unguarded {

        private final Queue<Runnable> hooks = new ConcurrentLinkedQueue<>();
        private volatile boolean cancelled;
        private final AtomicInteger ran = new AtomicInteger();

        @Actor
        public void hook() {
            if (cancelled) {
                ran.incrementAndGet();
            } else {
                hooks.add(ran::incrementAndGet);
            }
        }

        @Actor
        public void cancel() {
            cancelled = true;
            hooks.forEach(Runnable::run);
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = ran.get();
        }
    }
}
