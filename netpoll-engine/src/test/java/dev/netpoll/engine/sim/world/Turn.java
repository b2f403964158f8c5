// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import org.jspecify.annotations.Nullable;

/**
 * Who answers one request: its handler, or the server in its place when the handler takes too long, as a
 * connector does at a hard deadline. The first to claim it writes, and the handler goes on to the next
 * request when the answer is written.
 */
final class Turn {

    private boolean taken;
    private boolean over;
    private @Nullable Thread waiter;

    /** True for the one that answers. */
    boolean claim() {
        boolean mine = !taken;
        taken = true;
        return mine;
    }

    void over() {
        over = true;
        SimThreads.unpark(waiter);
    }

    void await() {
        waiter = SimThreads.currentThread();
        boolean interrupted = false;
        while (!over) {
            SimThreads.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
