// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkTest extends ServiceTest {

    @Test
    void sleepAnswersNoEarlierThanAsked() throws Exception {
        long start = System.nanoTime();

        assertThat(get("/sleep?ms=50").body()).isEqualTo("slept 50 ms");

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
    }

    @Test
    void spinAnswersNoEarlierThanAskedAndHasBeenBusy() throws Exception {
        long start = System.nanoTime();

        assertThat(get("/spin?ms=50").body()).matches("spun 50 ms, [1-9][0-9]+ turns");

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
    }

    @Test
    void noTimeAtAllIsAllowed() throws Exception {
        assertThat(get("/sleep?ms=0").body()).isEqualTo("slept 0 ms");
        assertThat(get("/spin?ms=0").body()).startsWith("spun 0 ms");
    }
}
