// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Empties the cache of HTTP processors after a peak of load, the connector's ({@link ProcessorCache}) or, with a limit,
 * Tomcat's.
 *
 * <p>Tomcat's can only be emptied whole. So either is, when what was in flight at its
 * highest over a window is less than half of what is kept; what is needed is built anew at once.
 * {@link #look} runs as one of the {@link RegularLook}s.
 */
final class ProcessorKeeper {

    /** A minute. */
    private static final int LOOKS_PER_WINDOW = 12;

    /** Fewer than this are not worth emptying for. */
    private static final int WORTH_KEEPING = 64;

    /** Built since the cache was last emptied: an upper bound of what it holds. Any thread. */
    private final AtomicInteger built = new AtomicInteger();

    /** Utility thread only. */
    private int peak;

    /** Utility thread only. */
    private int looks;

    void created() {
        built.incrementAndGet();
    }

    void look(int inFlight, Runnable emptyCache) {
        peak = Math.max(peak, inFlight);
        looks++;
        if (looks < LOOKS_PER_WINDOW) {
            return;
        }
        if (built.get() > WORTH_KEEPING && peak < built.get() / 2) {
            built.set(inFlight);
            emptyCache.run();
        }
        looks = 0;
        peak = 0;
    }
}
