// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import java.util.Set;

/** Runs simulations, one at a time, each on the calling platform thread alone. */
public interface SeedRunner {

    /**
     * Runs the simulation that {@code seed} stands for, to its end or to the first violation.
     *
     * @param traced whether the outcome shall tell the last steps
     */
    SeedOutcome run(long seed, boolean traced);

    /** The names of all faults that a simulation may inject, as {@link SeedOutcome#faults} has them. */
    Set<String> possibleFaults();
}
