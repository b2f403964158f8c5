// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

/** What the simulation needs of this package. */
public final class SimulatedPolls {

    private SimulatedPolls() {}

    /** Whether the descriptor's timer is in its loop's queue. */
    public static boolean isArmed(PollDesc desc) {
        return desc.armedFor != Timer.UNARMED;
    }
}
