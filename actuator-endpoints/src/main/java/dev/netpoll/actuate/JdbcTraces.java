package dev.netpoll.actuate;

import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.CancelReport;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;

/** Tells the span under way that a cancel has reached its JDBC call. On the calling thread. */
public final class JdbcTraces implements CancelListener {

    private final Tracer tracer;

    /** Tells the current span of {@code tracer}. */
    public JdbcTraces(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public void cancelled(CancelReport report) {
        Span span = tracer.currentSpan();
        if (span != null) {
            span.event("cancel reached JDBC: " + report.call());
        }
    }
}
