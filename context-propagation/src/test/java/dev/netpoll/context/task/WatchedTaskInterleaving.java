// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.ContextRuntime;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Watched work ends while its context does: neither it nor its timer stays in the watch. */
public class WatchedTaskInterleaving {

    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "ended work is kept, or its timer")
    @State
    public static class Guarded implements ContextRuntime {

        private final AtomicInteger timers = new AtomicInteger();
        private final CancelScope scope = CancelContext.background().withCancel();
        private final OverdueWatch watch =
                new OverdueWatch(
                        new OverdueWatch.Settings(Duration.ofDays(1), Duration.ofDays(1)),
                        this,
                        _ -> {});
        private final WatchedTask task = watch.watch(scope, "work");

        @Actor
        public void end() {
            task.close();
        }

        @Actor
        public void cancel() {
            scope.cancel();
        }

        @Arbiter
        public void look(II_Result r) {
            r.r1 = watch.lateSize();
            r.r2 = timers.get();
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Timeout schedule(long atNanos, Runnable expiry) {
            timers.incrementAndGet();
            AtomicInteger open = new AtomicInteger(1);
            return () -> timers.addAndGet(-open.getAndSet(0));
        }

        @Override
        public void start(Runnable action) {
            action.run();
        }
    }

    /** The end of the context does not look again after it has put the work in. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing is left")
    @Outcome(expect = FORBIDDEN, desc = "ended work is kept, or its timer")
    @State
    public static class Unguarded {

        private final Set<Object> late = ConcurrentHashMap.newKeySet();
        private volatile boolean ended;

        @Actor
        public void end() {
            ended = true;
            late.remove(this);
        }

        @Actor
        public void cancel() {
            if (!ended) {
                late.add(this);
            }
        }

        @Arbiter
        public void look(II_Result r) {
            r.r1 = late.size();
        }
    }
}
