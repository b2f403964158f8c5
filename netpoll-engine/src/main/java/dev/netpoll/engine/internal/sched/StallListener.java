// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

/** A listener for loops that had to be taken from their carrier. */
@FunctionalInterface
public interface StallListener {

    /**
     * Runs on the stall monitor's thread; must not block.
     *
     * @param loop the loop's number
     * @param stuck the virtual thread still in its slice; its stack shows in what
     * @param nanos how long the slice has run so far
     */
    void stalled(int loop, Thread stuck, long nanos);
}
