// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

/**
 * The carriers that one loop was taken from and that are still in their slice, the latest first. Linked through
 * themselves, each in one list at most: a hand-over must need no memory, since what is queued behind the slice may be
 * what holds it all. The stall monitor alone adds and walks; carriers leave by themselves. Safe from any thread.
 */
final class StuckCarriers {

    /** Guarded by this. */
    private @Nullable Carrier first;

    synchronized void add(Carrier carrier) {
        carrier.nextStuck = first;
        first = carrier;
    }

    /** Whether it is there or not. It still leads to those behind it, for a walk under way. */
    synchronized void remove(Carrier carrier) {
        if (first == carrier) {
            first = carrier.nextStuck;
            return;
        }
        for (Carrier each = first; each != null; each = each.nextStuck) {
            if (each.nextStuck == carrier) {
                each.nextStuck = carrier.nextStuck;
                return;
            }
        }
    }

    synchronized @Nullable Carrier first() {
        return first;
    }

    /** Of {@code carrier}, which may have left since. Stall monitor only. */
    synchronized @Nullable Carrier after(Carrier carrier) {
        return carrier.nextStuck;
    }

    /** How long the longest stall has lasted that was told of; 0 when there is none. */
    synchronized long longest(long now) {
        long longest = 0;
        for (Carrier each = first; each != null; each = each.nextStuck) {
            if (each.isTold()) {
                longest = Math.max(longest, each.stuckFor(now));
            }
        }
        return longest;
    }
}
