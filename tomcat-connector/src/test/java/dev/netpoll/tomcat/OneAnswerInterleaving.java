// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The handler's first byte meets the connector's own answer: one of them goes out, never both. */
public class OneAnswerInterleaving {

    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the handler answers")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the connector answers")
    @Outcome(expect = FORBIDDEN, desc = "both answer, or neither")
    @State
    public static class Guarded {

        private final ResponseGate gate = new ResponseGate();

        @Actor
        public void writer(II_Result result) {
            result.r1 = gate.enter() ? 1 : 0;
        }

        @Actor
        public void connector(II_Result result) {
            if (gate.takeOver() == ResponseGate.Phase.OPEN) {
                result.r2 = 1;
                gate.answered();
            }
        }
    }

    /** Looks, and then decides. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the handler answers")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the connector answers")
    @Outcome(expect = FORBIDDEN, desc = "both answer, or neither")
    @State
    public static class Unguarded {

        private volatile boolean decided;

        private int decide() {
            if (decided) {
                return 0;
            }
            Twin.loseTime();
            decided = true;
            return 1;
        }

        @Actor
        public void writer(II_Result result) {
            result.r1 = decide();
        }

        @Actor
        public void connector(II_Result result) {
            result.r2 = decide();
        }
    }
}
