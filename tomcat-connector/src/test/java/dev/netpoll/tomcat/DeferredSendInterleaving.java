// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The end of the batch meets a writer, or a closer, that takes its bytes back: they are sent once, and
 * whoever comes second finds them sent.
 */
public class DeferredSendInterleaving {

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "sent once, seen by the writer")
    @Outcome(expect = FORBIDDEN, desc = "sent twice, or never, or the writer went on too early")
    @State
    public static class Guarded {

        private final DeferredSend deferred = new DeferredSend();

        /** Guarded by the deferred. */
        private int sent;

        {
            deferred.announce();
        }

        @Actor
        public void loop() {
            if (deferred.tryTake()) {
                sent++;
                deferred.done();
            }
        }

        @Actor
        public void writer(II_Result r) {
            if (deferred.takeOrAwait()) {
                sent++;
                deferred.done();
            }
            r.r1 = sent;
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = sent;
        }
    }

    /** Looking first and taking then, instead of a compare-and-set. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "sent once, seen by the writer")
    @Outcome(expect = FORBIDDEN, desc = "sent twice, or never, or the writer went on too early")
    @State
    public static class Unguarded {

        private volatile boolean due = true;
        private int sent;

        @Actor
        public void loop() {
            sendIfDue();
        }

        @Actor
        public void writer(II_Result r) {
            sendIfDue();
            r.r1 = sent;
        }

        private void sendIfDue() {
            if (due) {
                Twin.loseTime();
                due = false;
                sent++;
            }
        }

        @Arbiter
        public void after(II_Result r) {
            r.r2 = sent;
        }
    }
}
