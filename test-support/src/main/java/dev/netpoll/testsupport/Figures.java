// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import java.util.Arrays;

/**
 * Figures that tests measure. {@code -Dnetpoll.long=true} takes as many rounds as a figure needs; the
 * bounds that hold on any machine are the tests', the figures are printed.
 */
public final class Figures {

    private static final boolean LONG = Boolean.getBoolean("netpoll.long");

    private Figures() {}

    /** Returns how many rounds to take. */
    public static int rounds(int usually, int forAFigure) {
        return LONG ? forAFigure : usually;
    }

    /** Sorts {@code nanos} and prints its median, 99th percentile and maximum. */
    public static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%s: n=%d p50=%.1f ms p99=%.1f ms max=%.1f ms%n",
                what,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                nanos[Math.max(0, (int) Math.ceil(nanos.length * 0.99) - 1)] / 1e6,
                nanos[nanos.length - 1] / 1e6);
    }
}
