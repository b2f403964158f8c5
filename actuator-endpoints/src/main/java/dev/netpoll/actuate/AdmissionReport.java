// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.web.AdmissionControl;

import java.util.Map;
import java.util.TreeMap;

/**
 * Admission control as {@code /actuator/netpoll} shows it.
 *
 * @param running how many requests run now
 * @param maxConcurrent how many may; 0 for any number
 * @param refusedBusy how many were refused because too many ran
 * @param refusedLate how many were refused because they had too little time
 * @param neededMillis by route, what half of the latest successes did not exceed
 */
public record AdmissionReport(
        int running,
        int maxConcurrent,
        long refusedBusy,
        long refusedLate,
        Map<String, Double> neededMillis) {

    private static final double NANOS_PER_MILLI = 1e6;

    static AdmissionReport of(AdmissionControl admission) {
        AdmissionControl.Statistics now = admission.statistics();
        Map<String, Double> needed = new TreeMap<>();
        now.needed().forEach((route, time) -> needed.put(route, time.toNanos() / NANOS_PER_MILLI));
        return new AdmissionReport(
                now.running(),
                admission.settings().maxConcurrent(),
                now.refusedBusy(),
                now.refusedLate(),
                needed);
    }
}
