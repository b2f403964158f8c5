// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.SimulatedLoops;
import dev.netpoll.engine.sim.world.Actor.State;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs the actors of one simulation, one at a time, on one platform thread: who comes next, and where an
 * actor is interrupted, is the dice's choice. Keeps the virtual clock.
 *
 * <p>Time passes a little with each step, and jumps to the next event when no actor can run. That moment
 * is the quiescence at which the invariants of waiting are looked at.
 */
final class Scheduler {

    /** A simulation that has not ended by then never will. */
    private static final long MAX_STEPS = 2_000_000;

    private static final long MAX_NANOS = 600_000_000_000L;

    private static @Nullable Scheduler current;

    final Dice dice;
    final Trace trace;

    /** In 1,024ths: how often a preemption point preempts. */
    private final int preemption;

    /** In 64ths: how often a preempted actor finds no processor for up to {@link #longest} steps. */
    private final int starvation;

    private final int longest;

    /** Chooses the sites, one in 2^(32 - FAVOURED), at which this simulation preempts for long. */
    private final int favour;

    private static final int FAVOURED = 27;

    /** The site of the points in here. */
    static final int OWN = 0x5bd1e995;

    /** Together the starved miss no more than this of the time in which no thread can run. */
    private final long missable;

    private long missed;

    /** A step takes less than this. */
    private final int stepNanos;

    private final ArrayList<Actor> runnable = new ArrayList<>();
    private final ArrayList<Actor> timed = new ArrayList<>();

    /** Preempted, and without a processor for a number of steps. */
    private final ArrayList<Actor> starved = new ArrayList<>();

    private final Map<Thread, Actor> actors = new IdentityHashMap<>();
    private final Executor free = new Home(null);

    private long now = 1_000_000;
    private int alive;
    private int ids;
    private @Nullable Actor chosen;
    private @Nullable Runnable submitted;

    /** Whether the chosen one has ended its step itself. */
    private boolean gaveBack;

    private final Thread platform = Thread.currentThread();

    /** Continuations that the JVM's own thread hands in: their monitor is free. */
    private final LinkedBlockingQueue<Runnable> fromTheJvm = new LinkedBlockingQueue<>();

    private @Nullable EventLoop submittedHome;
    private @Nullable String violation;

    /** What happens beside the actors. */
    interface Surroundings {

        /** Lets everything happen that is due. */
        void happen(long now);

        /** When the next thing happens, {@link Actor#NEVER} for never. */
        long next();

        /** Looks at what must hold after each step. */
        void afterStep();

        /** Looks at what must hold when no actor can run. */
        void quiescent(boolean computing);
    }

    Scheduler(Dice dice, Trace trace) {
        this.dice = dice;
        this.trace = trace;
        int[] rates = {8, 40, 120, 400};
        this.preemption = rates[dice.below(rates.length)];
        this.favour = dice.below(Integer.MAX_VALUE) | 1;
        this.starvation = dice.of(0, 4, 16);
        this.longest = dice.of(50, 500, 10_000);
        this.missable = dice.of(2_000_000L, 2_000_000L, 700_000_000L);
        this.stepNanos = dice.oneIn(3) ? 4_000 : 400;
    }

    static Scheduler running() {
        Scheduler s = current;
        if (s == null) {
            throw new IllegalStateException("No simulation runs");
        }
        return s;
    }

    static @Nullable Scheduler runningOrNull() {
        return current;
    }

    /** How late a thread may be that computes how long to sleep, and then finds no processor. */
    long lateness() {
        return missable + 20_000_000;
    }

    long now() {
        return now;
    }

    @Nullable String violation() {
        return violation;
    }

    // ---- the run --------------------------------------------------------------------------------

    void run(Surroundings surroundings) {
        current = this;
        try {
            while (violation == null && alive > 0) {
                if (trace.steps() > MAX_STEPS || now > MAX_NANOS) {
                    violate("It does not end");
                } else if (runnable.isEmpty() && !feed(surroundings)) {
                    jump(surroundings);
                } else {
                    step(surroundings);
                }
            }
        } finally {
            current = null;
        }
    }

    /** Gives the starved a processor whose time has come. */
    private void feed() {
        for (int i = starved.size() - 1; i >= 0; i--) {
            if (starved.get(i).starvedUntil <= trace.steps()) {
                runnable.add(starved.remove(i));
            }
        }
    }

    /** No other can run: one of the starved does, unless time goes by without them; false where there is none. */
    private boolean feed(Surroundings surroundings) {
        if (starved.isEmpty()) {
            missed = 0;
            return false;
        }
        long next = next(surroundings);
        long gap = next == Actor.NEVER ? missable : Math.max(next - now, 0);
        if (missed + gap < missable && dice.oneIn(2)) {
            missed += gap;
            now += gap;
            pass(surroundings);
        } else {
            runnable.add(starved.remove(dice.below(starved.size())));
        }
        return true;
    }

    private long next(Surroundings surroundings) {
        long next = surroundings.next();
        for (Actor actor : timed) {
            next = Math.min(next, actor.wakeAt);
        }
        return next;
    }

    private void step(Surroundings surroundings) {
        if (!starved.isEmpty()) {
            feed();
        }
        now += dice.below(stepNanos);
        pass(surroundings);
        if (runnable.isEmpty()) {
            return;
        }
        int i = dice.below(runnable.size());
        Actor next = runnable.get(i);
        Actor last = runnable.removeLast();
        if (last != next) {
            runnable.set(i, last);
        }
        trace.step(next.id, now);
        Runnable task = next.task;
        if (task == null) {
            throw new IllegalStateException(next + " has no continuation");
        }
        next.task = null;
        chosen = next;
        next.task = runUntilItGivesBack(next, task);
        chosen = null;
        left(next);
        surroundings.afterStep();
    }

    /**
     * Runs the actor until it gives the platform thread back of its own accord; null when it has ended. A
     * monitor in the JDK, which one of the JVM's own threads holds for a moment, is none of the dice's
     * business: it goes on where it was.
     */
    private @Nullable Runnable runUntilItGivesBack(Actor actor, Runnable task) {
        Runnable next = task;
        gaveBack = false;
        while (true) {
            submitted = null;
            next.run();
            Runnable continuation = submitted;
            submitted = null;
            if (gaveBack || actor.runs.getState() == Thread.State.TERMINATED) {
                return continuation;
            }
            next = continuation != null ? continuation : unblocked(actor);
        }
    }

    private Runnable unblocked(Actor actor) {
        try {
            Runnable continuation = fromTheJvm.poll(10, TimeUnit.SECONDS);
            if (continuation == null) {
                throw new IllegalStateException(actor + " waits for a monitor for ever");
            }
            return continuation;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void yieldNow() {
        gaveBack = true;
        Thread.yield();
        gaveBack = false; // also where a pinned one could not yield
    }

    /** The actor has given the platform thread back. */
    private void left(Actor actor) {
        if (actor.task == null) {
            actor.state = State.DONE;
            alive--;
            unmount(actor);
            actors.remove(actor.identity);
            for (Actor joining : List.copyOf(timed)) {
                if (joining.joined == actor) {
                    wake(joining);
                }
            }
        } else if (actor.state == State.RUNNABLE) {
            (actor.starvedUntil > trace.steps() ? starved : runnable).add(actor);
        }
    }

    private void pass(Surroundings surroundings) {
        surroundings.happen(now);
        for (int i = timed.size() - 1; i >= 0; i--) {
            Actor actor = timed.get(i);
            if (actor.wakeAt <= now) {
                wake(actor);
            }
        }
    }

    private void jump(Surroundings surroundings) {
        pass(surroundings);
        if (!runnable.isEmpty()) {
            return;
        }
        trace.note(() -> "nothing can run: " + actors());
        surroundings.quiescent(timed.stream().anyMatch(actor -> actor.computing));
        long next = next(surroundings);
        if (next == Actor.NEVER) {
            violate("Nothing can run, and nothing will happen");
            return;
        }
        now = Math.max(now, next);
        pass(surroundings);
    }

    private String actors() {
        return actors.values().stream().map(Actor::toString).sorted().toList().toString();
    }

    /** An invariant does not hold: the simulation ends here. */
    void violate(String what) {
        if (violation == null) {
            violation = what + "; threads: " + actors();
            trace.note(() -> "VIOLATION " + what);
        }
        if (chosen != null) {
            block(NEVER_AGAIN);
        }
    }

    void violate(String what, Throwable t) {
        var stack = new java.io.StringWriter();
        t.printStackTrace(new java.io.PrintWriter(stack));
        violate(what + ": " + stack);
    }

    private static final long NEVER_AGAIN = Actor.NEVER - 1;

    // ---- what actors do
    // ---------------------------------------------------------------------------

    /** The actor that runs, or null between two. */
    @Nullable Actor chosenOrNull() {
        return chosen;
    }

    Actor chosen() {
        Actor actor = chosen;
        if (actor == null) {
            throw new IllegalStateException("No actor runs");
        }
        return actor;
    }

    /** A place where another may come in between: {@code site} tells it from other places. */
    void point(int site) {
        Actor me = chosen;
        if (me == null) {
            return;
        }
        if (site * favour >>> FAVOURED == 0) {
            if (dice.oneIn(2)) {
                loseTime();
            }
        } else if (dice.below(1024) < preemption) {
            if (dice.below(64) < starvation) {
                loseTime();
            } else {
                preempt();
            }
        }
    }

    /** The chosen one has no processor for up to {@link #longest} steps. */
    void loseTime() {
        Actor me = chosen;
        if (me != null) {
            me.starvedUntil = trace.steps() + dice.below(longest);
            preempt();
        }
    }

    void preempt() {
        if (chosen != null) {
            chosen.state = State.RUNNABLE;
            yieldNow();
        }
    }

    /** Gives the platform thread back until {@link #wake}, or at {@code until}. */
    void block(long until) {
        block(State.BLOCKED, until);
    }

    private void block(State how, long until) {
        Actor me = chosen();
        me.state = how;
        if (until < Actor.NEVER) {
            me.wakeAt = until;
            timed.add(me);
        }
        yieldNow();
        if (me.state == how) {
            throw new IllegalStateException(me + " is pinned where it should wait");
        }
    }

    /** Makes a blocked one runnable, where it is. */
    void wake(Actor actor) {
        if (actor.wakeAt < Actor.NEVER) {
            actor.wakeAt = Actor.NEVER;
            timed.remove(actor);
        }
        if (actor.state == State.RUNNABLE) {
            return; // by its time, and then by what it waited for
        }
        actor.state = State.RUNNABLE;
        runnable.add(actor);
    }

    void compute(long nanos) {
        Actor me = chosen();
        me.computing = true;
        block(now + nanos);
        me.computing = false;
    }

    /** Waits for the end of {@code other}, at most until then. */
    void join(Actor other, long until) {
        Actor me = chosen();
        me.joined = other;
        block(until);
        me.joined = null;
    }

    void park(long until) {
        Actor me = chosen();
        point(OWN);
        if (me.permit || me.identity.isInterrupted() || dice.oneIn(64)) {
            me.permit = false; // or for no reason at all, which LockSupport allows
            return;
        }
        if (me.isCarried()) {
            unmount(me);
        }
        block(State.PARKED, until);
        me.permit = false;
    }

    void unpark(Actor actor) {
        point(OWN);
        actor.permit = true;
        if (actor.state != State.PARKED) {
            return;
        }
        EventLoop home = actor.home;
        if (home == null) {
            wake(actor);
        } else {
            actor.state = State.QUEUED;
            home.execute(actor.slice);
        }
    }

    /** Runs a slice of {@code carried} on the chosen actor, which waits for its end. */
    void mount(Actor carried) {
        if (carried.state != State.QUEUED) {
            violate("A slice of " + carried + " is run, which is not queued");
        }
        Actor carrier = chosen();
        carried.carrier = carrier;
        carried.state = State.RUNNABLE;
        runnable.add(carried);
        block(State.CARRYING, Actor.NEVER);
    }

    private void unmount(Actor carried) {
        Actor carrier = carried.carrier;
        if (carrier != null) {
            carried.carrier = null;
            wake(carrier);
        }
    }

    // ---- actors
    // -----------------------------------------------------------------------------------

    /** About half of the others that could run find no processor for long, wherever they are. */
    void freezeSome() {
        for (int i = runnable.size() - 1; i >= 0; i--) {
            if (dice.oneIn(2)) {
                Actor frozen = runnable.remove(i);
                frozen.starvedUntil = trace.steps() + 20_000;
                starved.add(frozen);
            }
        }
    }

    Actor start(Thread thread) {
        point(OWN);
        Thread runs = thread;
        if (!thread.isVirtual()) {
            runs =
                    SimulatedLoops.builder(free)
                            .name(thread.getName())
                            .unstarted(() -> guarded(thread));
        }
        runs.start();
        Actor actor = new Actor(ids++, thread, runs, submittedHome);
        actor.task = submitted;
        submitted = null;
        actors.put(thread, actor);
        alive++;
        EventLoop home = actor.home;
        if (home == null) {
            runnable.add(actor);
        } else {
            actor.state = State.QUEUED;
            home.execute(actor.slice);
        }
        return actor;
    }

    private void guarded(Runnable body) {
        try {
            body.run();
        } catch (Throwable t) {
            violate("A platform thread ended in " + t, t);
        }
    }

    /** Starts what stands for a platform thread. */
    Actor start(String name, Runnable body) {
        return start(SimulatedLoops.builder(free).name(name).unstarted(() -> guarded(body)));
    }

    @Nullable Actor actorOf(Thread thread) {
        return actors.get(thread);
    }

    /** An executor whose threads are carried by {@code loop}; platform threads, for null. */
    Executor home(@Nullable EventLoop loop) {
        return loop == null ? free : new Home(loop);
    }

    private final class Home implements Executor {

        private final @Nullable EventLoop loop;

        private Home(@Nullable EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public void execute(Runnable continuation) {
            Thread caller = Thread.currentThread();
            if (caller == platform || caller.isVirtual()) {
                submitted = continuation;
                submittedHome = loop;
            } else {
                fromTheJvm.add(continuation);
            }
        }
    }
}
