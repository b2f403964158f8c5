// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/** How often a thread is looked at that does not come to a wait. */
class InterruptWatchTest {

    private static int looksWithin(Duration time, boolean waits) {
        int looks = 0;
        for (long slept = 0; slept < time.toNanos(); looks++) {
            slept += InterruptWatch.pauseAfter(waits, slept);
        }
        return looks;
    }

    @Test
    void looksGrowRarerTheLongerTheWorkGoesOn() {
        assertThat(looksWithin(Duration.ofMillis(1), false)).isEqualTo(1);
        assertThat(looksWithin(Duration.ofSeconds(1), false)).isLessThan(60);
        assertThat(looksWithin(Duration.ofSeconds(1), true)).isLessThan(30);
        assertThat(looksWithin(Duration.ofHours(1), false)).isLessThan(3_700);
    }
}
