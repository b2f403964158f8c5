// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.CancelReport;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;

/**
 * Adds an event to the current span, and to the request's, when a cancellation has reached a JDBC call. On
 * the calling thread.
 */
public final class JdbcTraces implements CancelListener {

    private final SpansUnderWay spans;

    /** Tells the spans of {@code tracer} that are current, by themselves or by {@code observations}. */
    public JdbcTraces(Tracer tracer, ObservationRegistry observations) {
        this.spans = new SpansUnderWay(tracer, observations);
    }

    @Override
    public void cancelled(CancelReport report) {
        spans.event("cancel reached JDBC: " + report.call());
    }
}
