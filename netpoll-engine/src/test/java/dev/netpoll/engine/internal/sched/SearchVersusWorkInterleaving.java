// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Work is queued behind a slice just when the loop that searches has found none and falls asleep: either it sees the work,
 * or the thread that queued it wakes it.
 */
public class SearchVersusWorkInterleaving {

    /** A loop that searches, and the queue of its neighbour. */
    private static final class Searching extends LoopState implements Neighbour {

        final ConcurrentLinkedQueue<Object> beside = new ConcurrentLinkedQueue<>();
        final Search search = new Search(List.of(this));

        Searching() {
            fallAsleep();
            search.begin();
        }

        @Override
        public boolean wakeIfSleeping() {
            return claimWakeUp();
        }

        @Override
        public boolean hasQueued() {
            return !beside.isEmpty();
        }

        boolean queue() {
            beside.add(this);
            return search.begin();
        }
    }

    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen before it slept")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "seen, and woken")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it slept, and was woken")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it sleeps beside the work")
    @State
    public static class Guarded {

        private final Searching loop = new Searching();

        @Actor
        public void sleep(ZZ_Result r) {
            loop.fallAsleep();
            loop.search.ended(loop);
            r.r1 = !loop.hasQueued();
        }

        @Actor
        public void work(ZZ_Result r) {
            r.r2 = loop.queue();
        }
    }

    /** Looks a last time, and then ends its search. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "seen before it slept")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "seen, and woken")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it slept, and was woken")
    @Outcome(id = "true, false", expect = FORBIDDEN, desc = "it sleeps beside the work")
    @State
    public static class Unguarded {

        private final Searching loop = new Searching();

        @Actor
        public void sleep(ZZ_Result r) {
            loop.fallAsleep();
            r.r1 = !loop.hasQueued();
            Twin.loseTime();
            loop.search.ended(loop);
        }

        @Actor
        public void work(ZZ_Result r) {
            r.r2 = loop.queue();
        }
    }
}
