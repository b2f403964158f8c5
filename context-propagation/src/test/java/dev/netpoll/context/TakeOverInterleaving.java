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

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Children with an end of their own are handed to their grandparent, because their parent completes,
 * while they end themselves: none is left hanging there.
 */
public class TakeOverInterleaving {

    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "what has ended hangs in the grandparent for ever")
    @State
    public static class Guarded {

        private final CancelScope root = CancelContext.background().withCancel();
        private final CancelScope request = root.withCancel();
        private final CancelScope[] tasks = new CancelScope[6];

        {
            Arrays.setAll(tasks, _ -> request.withOwnEnd());
        }

        @Actor
        public void completeTheParent() {
            request.close();
        }

        @Actor
        public void end() {
            for (CancelScope task : tasks) {
                task.close();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = root.memberCount();
        }
    }

    /** Looking before hanging it in, and not again afterwards. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "what has ended hangs in the grandparent for ever")
    @State
    public static class Unguarded {

        private final ConcurrentLinkedQueue<Object> grandparent = new ConcurrentLinkedQueue<>();
        private volatile boolean ended;

        @Actor
        public void completeTheParent() {
            if (!ended) {
                grandparent.add(this);
            }
        }

        @Actor
        public void end() {
            ended = true;
            grandparent.remove(this);
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = grandparent.size();
        }
    }

    /** The same against a cancel of the grandparent: it is told, once, by one of the two. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told")
    @Outcome(expect = FORBIDDEN, desc = "lost between the two, or told twice")
    @State
    public static class GuardedFromTheTop {

        private final CancelScope root = CancelContext.background().withCancel();
        private final CancelScope request = root.withCancel();
        private final CancelScope task = request.withOwnEnd();
        private volatile int told;

        {
            task.onCancelInline(_ -> told++);
        }

        @Actor
        public void completeTheParent() {
            request.close();
        }

        @Actor
        public void shutDown() {
            root.cancel();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = told;
        }
    }

    /** The child leaves the one list before it is in the other, and the other cannot be closed. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told")
    @Outcome(expect = FORBIDDEN, desc = "lost between the two, or told twice")
    @State
    public static class UnguardedFromTheTop {

        private final ConcurrentLinkedQueue<Runnable> parent = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Runnable> grandparent = new ConcurrentLinkedQueue<>();
        private volatile int told;

        {
            parent.add(() -> told++);
        }

        @Actor
        public void completeTheParent() {
            Runnable child = parent.poll();
            if (child != null) {
                grandparent.add(child);
            }
        }

        @Actor
        public void shutDown() {
            Runnable child = parent.poll();
            if (child != null) {
                child.run();
            }
            for (Runnable taken = grandparent.poll(); taken != null; taken = grandparent.poll()) {
                taken.run();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = told;
        }
    }
}
