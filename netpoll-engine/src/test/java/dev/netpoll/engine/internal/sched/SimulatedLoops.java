// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.sim.world.SimThreads;

import java.lang.reflect.Proxy;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** What the simulation needs of this package. */
public final class SimulatedLoops {

    /** Where the loops' timed parks go when their loop closes: the JDK's timer, a thread here. */
    private static final ScheduledExecutorService ELSEWHERE =
            (ScheduledExecutorService)
                    Proxy.newProxyInstance(
                            SimulatedLoops.class.getClassLoader(),
                            new Class<?>[] {ScheduledExecutorService.class},
                            (_, method, arguments) -> {
                                if (!method.getName().equals("schedule")) {
                                    throw new UnsupportedOperationException(method.getName());
                                }
                                Runnable command = (Runnable) arguments[0];
                                long nanos = ((TimeUnit) arguments[2]).toNanos((long) arguments[1]);
                                SimThreads.runLater(command, nanos);
                                return scheduled();
                            });

    private SimulatedLoops() {}

    /** A future that nothing asks. */
    private static ScheduledFuture<?> scheduled() {
        return (ScheduledFuture<?>)
                Proxy.newProxyInstance(
                        SimulatedLoops.class.getClassLoader(),
                        new Class<?>[] {ScheduledFuture.class},
                        (_, method, _) -> {
                            throw new UnsupportedOperationException(method.getName());
                        });
    }

    /** The JDK's builder of virtual threads with a scheduler. */
    public static Thread.Builder.OfVirtual builder(Executor scheduler) {
        return LoopThreads.builder(scheduler);
    }

    /** Parks the calling virtual thread for so long by the loop's timers, as {@link LoopDelays} does. */
    public static void sleep(Thread sleeper, Thread carrier, long nanos) {
        boolean[] over = new boolean[1];
        Runnable end =
                () -> {
                    over[0] = true;
                    SimThreads.unpark(sleeper);
                };
        if (!armed(carrier, nanos, end)) {
            SimThreads.runLater(end, nanos);
        }
        while (!over[0]) {
            SimThreads.park(end);
            if (sleeper.isInterrupted()) {
                return; // what is left of the timer unparks for nothing
            }
        }
    }

    private static boolean armed(Thread carrier, long nanos, Runnable end) {
        if (!(carrier instanceof Carrier ours) || !ours.loop().isOpen()) {
            return false;
        }
        EventLoop loop = ours.loop();
        LoopDelay timer = new LoopDelay(loop, ELSEWHERE, end, nanos);
        loop.arm(timer, timer.when());
        return loop.isOpen() || !loop.timers().cancel(timer);
    }

    /** How many continuations are in the loop's queue. */
    public static int queued(EventLoop loop) {
        return loop.queued();
    }
}
