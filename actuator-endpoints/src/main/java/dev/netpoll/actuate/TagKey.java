// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import io.micrometer.core.instrument.Tag;

/** The tag keys of meters, in both naming styles. The number of values of each is bounded. */
enum TagKey {
    STATE("state", "netpoll.connection.state"),
    BY("by", "netpoll.connection.closed_by"),
    KIND("kind", "netpoll.wait.kind"),
    DEADLINE("kind", "netpoll.deadline.kind"),
    LOOP("loop", "netpoll.loop.id"),
    CAUSE("cause", "netpoll.context.cause"),
    SYSCALL("syscall", "netpoll.syscall.name"),
    ERRNO("errno", "error.type"),
    /** Prometheus' own name for a bucket's bound, in both styles. */
    BOUND("le", "le");

    private final String micrometer;
    private final String openTelemetry;

    TagKey(String micrometer, String openTelemetry) {
        this.micrometer = micrometer;
        this.openTelemetry = openTelemetry;
    }

    Tag of(String value, MeterNaming naming) {
        return Tag.of(naming == MeterNaming.MICROMETER ? micrometer : openTelemetry, value);
    }
}
