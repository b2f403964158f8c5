// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.SimulatedLoops;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The JDK's side of the actors: virtual threads whose continuations are run here, on the simulation's one
 * platform thread, and nowhere else.
 */
final class Continuations {

    private static final long PATIENCE_SECONDS = 10;

    private final Thread platform = Thread.currentThread();

    /** Continuations that a thread of the JVM's own hands in: their monitor is free. */
    private final LinkedBlockingQueue<Runnable> fromTheJvm = new LinkedBlockingQueue<>();

    private @Nullable Runnable submitted;
    private @Nullable EventLoop submittedTo;

    /** Whether the one that runs has ended its step itself. */
    private boolean gaveBack;

    /** Builds threads that {@code loop} carries; free ones, for null. */
    Thread.Builder.OfVirtual builder(@Nullable EventLoop loop) {
        return SimulatedLoops.builder(new Home(loop));
    }

    /** Starts {@code thread}: {@link #started} and {@link #home} are its first continuation and its loop. */
    void start(Thread thread) {
        thread.start();
    }

    @Nullable Runnable started() {
        Runnable continuation = submitted;
        submitted = null;
        return continuation;
    }

    @Nullable EventLoop home() {
        return submittedTo;
    }

    /**
     * Runs {@code actor} until it gives the platform thread back of its own accord; null when it has ended. A
     * monitor in the JDK, which a thread of the JVM's own holds for a moment, is none of the dice's
     * business: the actor goes on where it was.
     */
    @Nullable Runnable run(Actor actor, Runnable from) {
        Runnable next = from;
        gaveBack = false;
        while (true) {
            next.run();
            Runnable continuation = started();
            if (gaveBack || actor.runs.getState() == Thread.State.TERMINATED) {
                return continuation;
            }
            next = continuation != null ? continuation : unblocked(actor);
        }
    }

    private Runnable unblocked(Actor actor) {
        try {
            Runnable continuation = fromTheJvm.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (continuation == null) {
                throw new IllegalStateException(actor + " waits for a monitor for ever");
            }
            return continuation;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives the platform thread back; goes on when it is run again. */
    void giveBack() {
        gaveBack = true;
        Thread.yield();
        gaveBack = false; // also where a pinned one could not yield
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
                submittedTo = loop;
            } else {
                fromTheJvm.add(continuation);
            }
        }
    }
}
