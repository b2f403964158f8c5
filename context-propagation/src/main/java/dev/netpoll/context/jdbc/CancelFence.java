// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

/**
 * Keeps a cancel and the end of the call it is meant for apart from what comes after: when {@link
 * #leave()} has returned, no cancel is on its way and none will be sent. So the next statement on the
 * connection, or the connection's next user, cannot be hit by a late one (pgjdbc #412).
 *
 * <pre>
 *   from              to         by          means
 *   RUNNING           SENDING    canceller   a cancel is on its way to the database
 *   SENDING           RUNNING    canceller   it has arrived; the call goes on, another may follow
 *   RUNNING           OVER       owner       the call has ended; nothing is sent any more
 *   SENDING           LEAVING    owner       it has ended, the cancel has not arrived: the owner waits
 *   LEAVING           OVER       canceller   it has arrived: the owner goes on
 *   RUNNING, SENDING, ABORTING   patience    nothing helped: the connection is being broken off
 *   LEAVING
 *   ABORTING          LOST       patience    it is: there is nothing left that could be hit
 * </pre>
 *
 * <p>The <em>owner</em> is the thread that makes the call; <em>canceller</em> and <em>patience</em> are
 * one other thread each. The fields are under the monitor of this; the owner waits on it, and nothing is
 * called under it.
 */
final class CancelFence {

    private enum Phase {
        RUNNING,
        SENDING,
        LEAVING,
        ABORTING,
        LOST,
        OVER
    }

    private Phase phase = Phase.RUNNING;
    private int sent;

    // ---- canceller

    /** Whether a cancel may be sent now; if so, {@link #arrived()} has to follow. */
    synchronized boolean trySend() {
        if (phase != Phase.RUNNING) {
            return false;
        }
        phase = Phase.SENDING;
        sent++;
        return true;
    }

    /** The cancel has reached the database, or never will. */
    synchronized void arrived() {
        if (phase == Phase.SENDING) {
            phase = Phase.RUNNING;
        } else if (phase == Phase.LEAVING) {
            phase = Phase.OVER;
            notifyAll();
        }
    }

    // ---- patience

    /** Whether the connection has to be broken off; if so, {@link #lost()} has to follow. */
    synchronized boolean tryAbort() {
        if (phase == Phase.OVER) {
            return false;
        }
        phase = Phase.ABORTING;
        return true;
    }

    /** The connection is broken off. */
    synchronized void lost() {
        phase = Phase.LOST;
        notifyAll();
    }

    // ---- owner

    /** Waits, whatever interrupts come, for a cancel on its way. */
    void leave() {
        boolean interrupted;
        synchronized (this) {
            if (phase == Phase.RUNNING) {
                phase = Phase.OVER;
            } else if (phase == Phase.SENDING) {
                phase = Phase.LEAVING;
            }
            interrupted = awaitUninterruptibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Under the lock. Whether the thread was interrupted meanwhile. */
    private boolean awaitUninterruptibly() {
        boolean interrupted = false;
        while (phase == Phase.LEAVING || phase == Phase.ABORTING) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    // ---- anybody

    /** Whether the call has ended and everybody is through. */
    synchronized boolean isOver() {
        return phase == Phase.OVER;
    }

    synchronized boolean isLost() {
        return phase == Phase.LOST;
    }

    /** How many cancels went out. */
    synchronized int sent() {
        return sent;
    }
}
