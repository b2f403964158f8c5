// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * What became of one simulation.
 *
 * @param hash of every step: who ran, what the kernel was asked and answered, and when
 * @param steps how often the scheduler chose
 * @param answers how many requests were answered
 * @param faults how many faults of each kind were injected
 * @param violation the invariant that did not hold; null when all did
 * @param trace the last steps before the end, when asked for
 */
public record SeedOutcome(
        long seed,
        long hash,
        long steps,
        int answers,
        Map<String, Integer> faults,
        @Nullable String violation,
        List<String> trace) {}
