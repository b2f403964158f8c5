// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

/** What the search for work knows of a loop. Safe from any thread. */
interface Neighbour {

    boolean isSleeping();

    /** Ends the loop's sleep; false when it was awake. */
    boolean wakeIfSleeping();

    /** Whether continuations wait in its queue. */
    boolean hasQueued();
}
