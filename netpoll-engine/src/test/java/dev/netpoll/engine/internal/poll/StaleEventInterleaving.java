// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** An event of a closed descriptor is handed out while its number is given to a new owner. */
public class StaleEventInterleaving {

    @JCStressTest
    @Outcome(id = "nobody", expect = ACCEPTABLE, desc = "dropped")
    @Outcome(id = "the old owner", expect = ACCEPTABLE, desc = "it came before the close")
    @Outcome(id = "the new owner", expect = FORBIDDEN, desc = "an event that was not its own")
    @State
    public static class Guarded {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollTable table = new PollTable();
        private final PollDesc old = table.open(loop, ticker, 7);
        private final long data = PollTable.data(old);

        @Actor
        public void handOut(L_Result r) {
            PollDesc found = table.find(data);
            r.r1 = found == null ? "nobody" : found == old ? "the old owner" : "the new owner";
        }

        @Actor
        public void reuse() {
            table.remove(old);
            table.open(loop, ticker, 7);
        }
    }

    /** By the number alone. */
    @JCStressTest
    @Outcome(id = "nobody", expect = ACCEPTABLE, desc = "dropped")
    @Outcome(id = "the old owner", expect = ACCEPTABLE, desc = "it came before the close")
    @Outcome(id = "the new owner", expect = FORBIDDEN, desc = "an event that was not its own")
    @State
    public static class Unguarded {

        private volatile @Nullable String owner = "the old owner";

        @Actor
        public void handOut(L_Result r) {
            String found = owner;
            r.r1 = found == null ? "nobody" : found;
        }

        @Actor
        public void reuse() {
            owner = null;
            owner = "the new owner";
        }
    }

    /** The old owner's entry is removed late, when the new one's may be there already. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "the new owner has its events")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "the new owner was removed")
    @State
    public static class GuardedRemoval {

        private final RecordingLoop loop = new RecordingLoop();
        private final ManualTicker ticker = new ManualTicker(1_000);
        private final PollTable table = new PollTable();
        private final PollDesc old = table.open(loop, ticker, 7);
        private volatile @Nullable PollDesc next;

        @Actor
        public void remove() {
            table.remove(old);
        }

        @Actor
        public void open() {
            next = table.open(loop, ticker, 7);
        }

        @Arbiter
        public void look(Z_Result r) {
            PollDesc opened = next;
            r.r1 = opened != null && table.find(PollTable.data(opened)) == opened;
        }
    }

    /** Looks whose entry it is, and then empties it. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "the new owner has its events")
    @Outcome(id = "false", expect = FORBIDDEN, desc = "the new owner was removed")
    @State
    public static class UnguardedRemoval {

        private volatile @Nullable String owner = "the old owner";

        @Actor
        public void remove() {
            if ("the old owner".equals(owner)) {
                Twin.loseTime();
                owner = null;
            }
        }

        @Actor
        public void open() {
            owner = "the new owner";
        }

        @Arbiter
        public void look(Z_Result r) {
            r.r1 = "the new owner".equals(owner);
        }
    }
}
