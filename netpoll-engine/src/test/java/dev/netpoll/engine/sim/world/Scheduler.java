// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.sim.world.Actor.State;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the actors of one simulation, one at a time, on one platform thread: who comes next, and where an
 * actor is interrupted, is the dice's choice. Keeps the virtual clock.
 *
 * <p>Time passes a little with each step, and jumps to the next event when no actor can run. That moment
 * is the quiescence at which the invariants of waiting are looked at.
 */
final class Scheduler {

    /** A simulation that has not ended by then never will. */
    private static final long MAX_STEPS = 1_000_000;

    private static final long MAX_NANOS = 600_000_000_000L;

    private static @Nullable Scheduler current;

    final Dice dice;
    final Trace trace;

    /** The site of the points in here. */
    static final int OWN = 0x5bd1e995;

    private static final long NEVER_AGAIN = Actor.NEVER - 1;

    private final Preemption preemption;
    private final Continuations continuations = new Continuations();
    private final ArrayList<Actor> runnable = new ArrayList<>();
    private final ArrayList<Actor> timed = new ArrayList<>();

    /** Preempted, and without a processor for a number of steps. */
    private final ArrayList<Actor> starved = new ArrayList<>();

    private final Map<Thread, Actor> actors = new IdentityHashMap<>();

    private long now = 1_000_000;
    private int alive;

    /** How many monitors the chosen one is in: there it is not preempted. */
    private int monitors;

    private int ids;
    private @Nullable Actor chosen;
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
        this.preemption = new Preemption(dice);
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

    Preemption preemption() {
        return preemption;
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
            preemption.noneIsStarved();
            return false;
        }
        long next = next(surroundings);
        long gap = Math.max(next - now, 0);
        if (next != Actor.NEVER && preemption.misses(gap)) {
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
        now += preemption.stepNanos();
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
        next.task = continuations.run(next, task);
        chosen = null;
        left(next);
        surroundings.afterStep();
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

    // ---- what actors do ---------------------------------------------------------------------

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
        if (me == null || monitors > 0) {
            return;
        }
        switch (preemption.at(site)) {
            case GO_ON -> {}
            case PREEMPT -> preempt();
            case LOSE_TIME -> loseTime();
        }
    }

    /** The chosen one has entered a monitor, or left one. */
    void inMonitor(int change) {
        monitors += change;
    }

    /** The chosen one has no processor for a number of steps. */
    void loseTime() {
        Actor me = chosen;
        if (me != null) {
            me.starvedUntil = trace.steps() + preemption.loss();
            preempt();
        }
    }

    void preempt() {
        if (chosen != null) {
            chosen.state = State.RUNNABLE;
            continuations.giveBack();
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
        continuations.giveBack();
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

    // ---- actors -----------------------------------------------------------------------------

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
                    continuations
                            .builder(null)
                            .name(thread.getName())
                            .unstarted(() -> guarded(thread));
        }
        continuations.start(runs);
        Actor actor = new Actor(ids++, thread, runs, continuations.home());
        actor.task = continuations.started();
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
        return start(continuations.builder(null).name(name).unstarted(() -> guarded(body)));
    }

    @Nullable Actor actorOf(Thread thread) {
        return actors.get(thread);
    }

    /** Builds threads that {@code loop} carries; free ones, for null. */
    Thread.Builder.OfVirtual builder(@Nullable EventLoop loop) {
        return continuations.builder(loop);
    }
}
