// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import java.util.Arrays;

/**
 * The median duration of a route's latest successful requests. The median, because a few slow requests
 * must not lock all others out.
 *
 * <p>Mutable fields: under this object's lock, except those that say otherwise.
 */
final class TimeNeeded {

    private static final int WINDOW = 64;
    private static final int ENOUGH = 16;

    private final long[] latest = new long[WINDOW];
    private long count;
    private long nextProbe;
    private boolean probed;

    private volatile long median; // written under the lock; 0 while too little is known

    synchronized void add(long nanos) {
        latest[(int) (count++ % WINDOW)] = nanos;
        if (count >= ENOUGH) {
            long[] sorted = Arrays.copyOf(latest, (int) Math.min(count, WINDOW));
            Arrays.sort(sorted);
            median = Math.max(1, sorted[(sorted.length - 1) / 2]);
        }
    }

    /** In nanoseconds; 0 while too little is known. */
    long median() {
        return median;
    }

    boolean exceeds(long nanos) {
        return median > nanos;
    }

    /** Whether it is time to let one through that has too little. */
    synchronized boolean mayProbe(long now, long every) {
        if (probed && now - nextProbe < 0) {
            return false;
        }
        probed = true;
        nextProbe = now + every;
        return true;
    }
}
