// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Makes a case smaller as long as it still shows what is looked for: delta debugging, on the bytes and then on the
 * cuts. One thread.
 */
final class Minimiser {

    /** So that a large case, or one on which servers wait, does not take for ever. */
    private static final long LONGEST_NANOS = 30_000_000_000L;

    private final Predicate<Case> shows;
    private final long begun = System.nanoTime();

    Minimiser(Predicate<Case> shows) {
        this.shows = shows;
    }

    Case minimal(Case found) {
        Case best = withoutCuts(withHalfClose(found));
        int before;
        do {
            before = best.bytes().length + best.cuts().size();
            best = fewerCuts(fewerBytes(best));
        } while (best.bytes().length + best.cuts().size() < before && hasTime());
        return best;
    }

    private boolean stillShows(Case candidate) {
        return hasTime() && shows.test(candidate);
    }

    private boolean hasTime() {
        return System.nanoTime() - begun < LONGEST_NANOS;
    }

    /** A case that the client does not end may have no end at all when it is smaller. */
    private Case withHalfClose(Case found) {
        Case ended = found.withEnding(Case.Ending.HALF_CLOSE);
        return stillShows(ended) ? ended : found;
    }

    private Case withoutCuts(Case found) {
        Case whole = found.withCuts(List.of());
        return stillShows(whole) ? whole : found;
    }

    /** Leaves out runs of bytes, half of all at first, one at a time at last. */
    private Case fewerBytes(Case found) {
        Case best = found;
        for (int run = Math.max(best.bytes().length / 2, 1); run >= 1; run /= 2) {
            int from = 0;
            while (from < best.bytes().length) {
                Case shorter = best.without(from, Math.min(from + run, best.bytes().length));
                if (stillShows(shorter)) {
                    best = shorter;
                } else {
                    from += run;
                }
            }
        }
        return best;
    }

    private Case fewerCuts(Case found) {
        Case best = found;
        for (int i = best.cuts().size() - 1; i >= 0; i--) {
            List<Integer> fewer = new ArrayList<>(best.cuts());
            fewer.remove(i);
            Case candidate = best.withCuts(fewer);
            if (stillShows(candidate)) {
                best = candidate;
            }
        }
        return best;
    }
}
