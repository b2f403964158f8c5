// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.SimulatedLoops;
import dev.netpoll.engine.io.Ticker;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.Executor;

/** What the woven engine calls in the place of the JDK's threads and clock. */
public final class SimThreads {

    private SimThreads() {}

    private static Scheduler scheduler() {
        return Scheduler.running();
    }

    /** A place where another thread may come in between. */
    public static void point(int site) {
        Scheduler s = Scheduler.runningOrNull();
        if (s != null) {
            s.point(site);
        }
    }

    /** The caller enters a monitor of the engine's: until it leaves there is no other. */
    public static void enterMonitor() {
        Scheduler s = Scheduler.runningOrNull();
        if (s != null) {
            s.inMonitor(1);
        }
    }

    public static void leaveMonitor() {
        Scheduler s = Scheduler.runningOrNull();
        if (s != null) {
            s.inMonitor(-1);
        }
    }

    private static void point() {
        point(Scheduler.OWN);
    }

    /** Where a mutant has a gap that the engine has not. */
    static void loseTime() {
        scheduler().loseTime();
    }

    public static void spin() {
        scheduler().preempt();
    }

    public static void park(Object blocker) {
        scheduler().park(Actor.NEVER);
    }

    public static void parkNanos(Object blocker, long nanos) {
        scheduler().park(scheduler().now() + nanos);
    }

    public static void unpark(@Nullable Thread thread) {
        Actor actor = thread == null ? null : scheduler().actorOf(thread);
        if (actor != null) {
            scheduler().unpark(actor);
        }
    }

    public static Thread currentThread() {
        Scheduler s = Scheduler.runningOrNull();
        Actor actor = s == null ? null : s.chosenOrNull();
        return actor == null ? Thread.currentThread() : actor.identity;
    }

    /** The platform thread under the caller. */
    public static Thread currentCarrier() {
        Actor actor = scheduler().chosen();
        Actor carrier = actor.carrier;
        return carrier == null ? actor.identity : carrier.identity;
    }

    public static void start(Thread thread) {
        scheduler().start(thread);
    }

    public static void interrupt(Thread thread) {
        thread.interrupt();
        unpark(thread);
    }

    public static boolean isAlive(Thread thread) {
        point();
        return scheduler().actorOf(thread) != null;
    }

    public static void join(Thread thread) {
        join(thread, 0);
    }

    public static void join(Thread thread, long millis) {
        point();
        Actor actor = scheduler().actorOf(thread);
        if (actor != null) {
            long most = millis == 0 ? 3_600_000_000_000L : millis * 1_000_000;
            scheduler().join(actor, scheduler().now() + most);
        }
    }

    public static boolean join(Thread thread, Duration most) {
        join(thread, Math.max(most.toMillis(), 1));
        return scheduler().actorOf(thread) == null;
    }

    public static Thread.State getState(Thread thread) {
        point();
        Actor actor = scheduler().actorOf(thread);
        if (actor == null) {
            return Thread.State.TERMINATED;
        }
        return actor.state == Actor.State.PARKED ? Thread.State.WAITING : Thread.State.RUNNABLE;
    }

    public static Thread.Builder.OfVirtual builder(Executor loop) {
        return scheduler().builder((EventLoop) loop);
    }

    public static Thread.Builder.OfVirtual ofVirtual() {
        return scheduler().builder(null);
    }

    /** Timed parks are the loops' timers here, too: {@link SimulatedLoops#sleep}. */
    public static boolean installed() {
        return true;
    }

    /** In the place of what an engine does once for the whole JVM. */
    public static void nothing() {}

    /** The executor of orphans: a platform thread for each. */
    public static void execute(Executor executor, Runnable task) {
        scheduler().start("orphans", task);
    }

    public static Ticker ticker() {
        Scheduler s = scheduler();
        return s::now;
    }

    /** Runs {@code command} on a thread beside the loops, so much later. */
    public static void runLater(Runnable command, long nanos) {
        scheduler()
                .start(
                        "later",
                        () -> {
                            sleep(nanos);
                            command.run();
                        });
    }

    // ---- for the actors of the simulation
    // -----------------------------------------------------------

    /** Parks the caller for so long, as {@code Thread.sleep} does. */
    static void sleep(long nanos) {
        Scheduler s = scheduler();
        if (s.chosen().isCarried()) {
            long until = s.now() + nanos;
            SimulatedLoops.sleep(currentThread(), currentCarrier(), nanos);
            if (s.now() < until && !currentThread().isInterrupted()) {
                s.violate("A sleep ended early");
            }
        } else {
            s.block(s.now() + nanos);
        }
    }
}
