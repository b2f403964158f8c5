// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;

import java.util.concurrent.locks.LockSupport;

/**
 * Whether a loop is well, and what its carrier does when a round fails.
 *
 * <pre>
 * health    → health    moved by
 * WELL      → AILING    carrier, when a round fails: the loop takes no connections
 * AILING    → WELL      carrier, after a whole round, in which it does not sleep
 * any       → ORPHANED  carrier, when it dies of an exception and has the loop still, as the last thing it does
 * ORPHANED  → AILING    stall monitor, before it gives the loop to another carrier
 * </pre>
 *
 * <p>Never written in a round that goes well. Read by any thread.
 */
final class LoopHealth {

    /** The pause of a carrier whose rounds fail one after the other. */
    private static final long PAUSE_NANOS = 1_000_000;

    private enum Health {
        WELL,
        AILING,
        ORPHANED
    }

    private final EventLoop loop;
    private final EpollPoller poller;

    /** See the table. */
    private volatile Health health = Health.WELL;

    LoopHealth(EventLoop loop, EpollPoller poller) {
        this.loop = loop;
        this.poller = poller;
    }

    boolean isWell() {
        return health == Health.WELL;
    }

    boolean isOrphaned() {
        return health == Health.ORPHANED;
    }

    void orphaned() {
        health = Health.ORPHANED;
    }

    void adopted() {
        health = Health.AILING;
    }

    /**
     * Signals the loop out of its sleep. A continuation is in the queue when this is called: its thread is not told of
     * a failure. The next that brings work signals again, or the monitor.
     */
    void signal(LoopTimes times) {
        try {
            loop.counters().wakeUps.increment();
            times.signalled(loop.now());
            poller.wakeUp();
        } catch (Throwable t) {
            loop.fallAsleep();
            loop.failed(t);
        }
    }

    /** A round has come to its end. Carrier only. */
    void roundEnded() {
        if (!isWell()) {
            health = Health.WELL;
        }
    }

    /** A round has not come to its end: the next one follows, after a pause when this one follows another. Carrier only. */
    void roundFailed(Throwable failure) {
        loop.failed(failure);
        boolean again = !isWell();
        health = Health.AILING;
        boolean recovered = recovers();
        expireTimers();
        if (again || !recovered) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    private boolean recovers() {
        try {
            poller.recover(loop);
            return true;
        } catch (Throwable t) {
            loop.failed(t);
            return false;
        }
    }

    /** They are not to wait for the sockets. */
    private void expireTimers() {
        try {
            loop.timers().expire(loop.now());
        } catch (Throwable t) {
            loop.failed(t);
        }
    }
}
