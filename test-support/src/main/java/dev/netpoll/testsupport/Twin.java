// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

/** What the unguarded twins of interleaving tests have in common. */
public final class Twin {

    private static final int SPINS = 20;

    private Twin() {}

    /**
     * Stands between the two steps of a twin, where the real code has the rest of its work: a window of
     * some hundred nanoseconds, so that the twin shows its fault within a fraction of a second.
     */
    public static void loseTime() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
    }
}
