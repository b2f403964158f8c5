// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Interleavings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

class InterleavingsTest {

    @TempDir private Path dir;

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void theGuardedOnesHoldAndTheirTwinsDoNot() throws Exception {
        new Interleavings(InterleavingsTest.class, dir, Duration.ofMillis(100)).check();
    }
}
