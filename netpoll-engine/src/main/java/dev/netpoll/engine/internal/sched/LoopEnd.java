// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.Timer;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The end of one loop: its descriptors go back to the kernel once, after the last carrier has left and close has
 * come by. Either may be the later: both publish, then check. Safe from any thread.
 */
final class LoopEnd {

    private final EventLoop loop;
    private final EpollPoller poller;

    /** Written by close, read by the carrier after it has left. */
    private volatile boolean due;

    /** Atomic. */
    private final AtomicBoolean released = new AtomicBoolean();

    LoopEnd(EventLoop loop, EpollPoller poller) {
        this.loop = loop;
        this.poller = poller;
    }

    /** The last carrier has done its last with the closed loop. */
    void carrierLeft() {
        loop.leave();
        if (due) {
            releaseOnce();
        }
    }

    /**
     * Gives the descriptors back, or has the carrier do it that has not left yet, or is about to. No socket comes under
     * the poller after this.
     */
    void release() {
        poller.refuse();
        due = true;
        if (loop.hasLeft() || loop.owner() == null) {
            releaseOnce();
        }
    }

    private void releaseOnce() {
        if (released.compareAndSet(false, true)) {
            loop.timers().drain(LoopEnd::handOverTimer);
            loop.handOverQueue();
            poller.close();
        }
    }

    /** A sleeper's time still comes; a deadline's does not, its descriptor was closed with the loop. */
    private static void handOverTimer(Timer timer) {
        if (timer instanceof LoopDelay delay) {
            delay.moveElsewhere();
        }
    }
}
