// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

/** The naming style of meters and their tags: Micrometer's or OpenTelemetry's. */
public enum MeterNaming {
    MICROMETER,
    OPENTELEMETRY
}
