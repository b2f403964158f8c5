// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.testsupport.Twin;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LI_Result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Somebody goes in while the descriptor closes: it is closed once, and under nobody. */
public class UseVersusCloseInterleaving {

    /** What the gate guards. */
    private static final class Guardee {

        private final AtomicInteger closed = new AtomicInteger();

        String use() {
            return closed.get() == 0 ? "used" : "used when closed";
        }
    }

    @JCStressTest
    @Outcome(id = "used, 1", expect = ACCEPTABLE, desc = "used, then closed")
    @Outcome(id = "null, 1", expect = ACCEPTABLE, desc = "closed, not let in")
    @Outcome(expect = FORBIDDEN, desc = "closed under its user, twice, or never")
    @State
    public static class Guarded {

        private final CloseGate gate = new CloseGate();
        private final Guardee guardee = new Guardee();

        @Actor
        public void use(LI_Result r) {
            if (gate.enter()) {
                r.r1 = guardee.use();
                if (gate.leave()) {
                    guardee.closed.incrementAndGet();
                }
            }
        }

        @Actor
        public void close() {
            if (gate.close()) {
                guardee.closed.incrementAndGet();
            }
        }

        @Arbiter
        public void look(LI_Result r) {
            r.r2 = guardee.closed.get();
        }
    }

    /** The bit and the count apart. */
    @JCStressTest
    @Outcome(id = "used, 1", expect = ACCEPTABLE, desc = "used, then closed")
    @Outcome(id = "null, 1", expect = ACCEPTABLE, desc = "closed, not let in")
    @Outcome(expect = FORBIDDEN, desc = "closed under its user, twice, or never")
    @State
    public static class Unguarded {

        private final Guardee guardee = new Guardee();
        private final AtomicInteger users = new AtomicInteger();
        private volatile boolean closing;

        @Actor
        public void use(LI_Result r) {
            if (!closing) {
                Twin.loseTime();
                users.incrementAndGet();
                r.r1 = guardee.use();
                if (users.decrementAndGet() == 0 && closing) {
                    guardee.closed.incrementAndGet();
                }
            }
        }

        @Actor
        public void close() {
            closing = true;
            if (users.get() == 0) {
                guardee.closed.incrementAndGet();
            }
        }

        @Arbiter
        public void look(LI_Result r) {
            r.r2 = guardee.closed.get();
        }
    }

    /** The references of a descriptor, over a kernel that knows which numbers are open. */
    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "used, then closed")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "closed, not let in")
    @Outcome(expect = FORBIDDEN, desc = "closed under its user, twice, or never")
    @State
    public static class GuardedDescriptor {

        private static final int PENDING = 7;
        private static final int CALL_ON_A_CLOSED_NUMBER = -1;

        private final ScriptedKernel kernel = new ScriptedKernel();
        private final PolledFd polled = registered();

        private PolledFd registered() {
            try {
                var poller =
                        new EpollPoller(
                                kernel,
                                new ManualTicker(1_000),
                                new PollTable(),
                                new SyscallErrors());
                kernel.answer(0, PENDING);
                return poller.register(new RecordingLoop(), kernel.newFd());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Actor
        public void use(II_Result r) {
            try {
                r.r1 = polled.pendingError();
            } catch (AssertionError e) {
                r.r1 = CALL_ON_A_CLOSED_NUMBER;
            }
        }

        @Actor
        public void close() {
            polled.close();
        }

        @Arbiter
        public void look(II_Result r) {
            r.r2 = kernel.closed.size();
        }
    }
}
