// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import java.time.Duration;

/** Converts durations to milliseconds with a fraction. */
final class Millis {

    private static final double NANOS_PER_MILLI = 1_000_000;

    /** More digits say nothing. */
    private static final double THOUSANDTHS = 1_000;

    private Millis() {}

    /** Milliseconds, to the microsecond. */
    static double of(Duration duration) {
        return Math.round(duration.toNanos() / NANOS_PER_MILLI * THOUSANDTHS) / THOUSANDTHS;
    }
}
