// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.PositiveOrZero;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.time.Duration;

/** Handlers that take their time: one waits, the other keeps a core busy. */
@RestController
class WorkController {

    private static final long MAX_SLEEP_MS = 600_000;
    private static final long MAX_SPIN_MS = 60_000;

    /** Blocks for {@code ms} milliseconds, as a slow query or a slow downstream would. */
    @GetMapping(path = "/sleep", produces = MediaType.TEXT_PLAIN_VALUE)
    String sleep(@RequestParam @PositiveOrZero @Max(MAX_SLEEP_MS) long ms)
            throws InterruptedException {
        Thread.sleep(Duration.ofMillis(ms));
        return "slept " + ms + " ms";
    }

    /** Burns CPU for {@code ms} milliseconds and never looks up: it does not park nor yield. */
    @GetMapping(path = "/spin", produces = MediaType.TEXT_PLAIN_VALUE)
    String spin(@RequestParam @PositiveOrZero @Max(MAX_SPIN_MS) long ms) {
        long start = System.nanoTime();
        long nanos = Duration.ofMillis(ms).toNanos();
        long turns = 0;
        while (System.nanoTime() - start < nanos) {
            turns++;
        }
        return "spun " + ms + " ms, " + turns + " turns";
    }
}
