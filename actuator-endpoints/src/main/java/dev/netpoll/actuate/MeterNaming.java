package dev.netpoll.actuate;

/** Whose names meters and their tags have: Micrometer's own style or OpenTelemetry's. */
public enum MeterNaming {
    MICROMETER,
    OPENTELEMETRY
}
