// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sched.EventLoop;

import org.jspecify.annotations.Nullable;

/**
 * A simulated thread: a virtual thread that runs when the {@link Scheduler} says so.
 *
 * <pre>
 * state     means                                              left by
 * RUNNABLE  the scheduler may choose it                        being chosen, and then by what it does
 * QUEUED    its slice is in a loop's queue                     a carrier that runs the slice
 * PARKED    as by LockSupport.park                             unpark, interrupt, its time, or nothing at all
 * BLOCKED   in the kernel, a join, or in a long computation    what it waits for, or its time
 * CARRYING  a carrier whose slice runs                         the end of the slice
 * DONE
 * </pre>
 *
 * A carried one, which has a home, runs only between the begin and the end of a slice that a carrier of
 * some loop runs; a preemption is no end. The others stand for platform threads. The simulation's one
 * platform thread touches all of it.
 */
final class Actor {

    enum State {
        RUNNABLE,
        QUEUED,
        PARKED,
        BLOCKED,
        CARRYING,
        DONE
    }

    static final long NEVER = Long.MAX_VALUE;

    final int id;

    /** What {@code Thread.currentThread()} answers on it: the virtual thread, or the one it stands for. */
    final Thread identity;

    /** The virtual thread. */
    final Thread runs;

    /** The loop whose executor its continuations go to; null for a platform thread. */
    final @Nullable EventLoop home;

    final Slice slice;

    State state = State.RUNNABLE;

    /** The JDK's continuation; null while it runs. */
    @Nullable Runnable task;

    /** Who runs its slice. */
    @Nullable Actor carrier;

    /** Whose end it waits for. */
    @Nullable Actor joined;

    /** In steps of the scheduler. */
    long starvedUntil;

    boolean permit;
    long wakeAt = NEVER;

    /** In a slice that computes: virtual time passes and no thread can know. */
    boolean computing;

    Actor(int id, Thread identity, Thread runs, @Nullable EventLoop home) {
        this.runs = runs;
        this.id = id;
        this.identity = identity;
        this.home = home;
        this.slice = new Slice(this, identity);
    }

    boolean isCarried() {
        return home != null;
    }

    @Override
    public String toString() {
        return identity.getName() + "#" + id + (computing ? " computing" : " " + state);
    }

    /** What a loop's queue holds of a carried one, in the place of the JDK's continuation. */
    static final class Slice implements Runnable {

        private final Actor actor;

        /** The engine looks for it, to name what is stuck. */
        @SuppressWarnings("unused")
        private final Thread thread;

        Slice(Actor actor, Thread thread) {
            this.actor = actor;
            this.thread = thread;
        }

        @Override
        public void run() {
            Scheduler.running().mount(actor);
        }
    }
}
