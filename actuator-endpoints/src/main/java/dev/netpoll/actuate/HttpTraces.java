// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.http.HttpCancelListener;
import dev.netpoll.context.http.HttpCancelReport;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;

import java.util.List;

/**
 * Adds an event to the current span, and to the request's, when a cancellation has reached an outbound
 * call. On the calling thread; of a {@code WebClient}'s call on any, and then the spans of the thread that began it.
 */
public final class HttpTraces implements HttpCancelListener {

    private final SpansUnderWay spans;

    /** Tells the spans of {@code tracer} that are current, by themselves or by {@code observations}. */
    public HttpTraces(Tracer tracer, ObservationRegistry observations) {
        this.spans = new SpansUnderWay(tracer, observations);
    }

    @Override
    public void cancelled(HttpCancelReport report) {
        spans.event(nameOf(report));
    }

    @Override
    public HttpCancelListener boundHere() {
        List<Span> here = spans.now();
        return here.isEmpty()
                ? HttpCancelListener.NONE
                : report -> SpansUnderWay.event(here, nameOf(report));
    }

    private static String nameOf(HttpCancelReport report) {
        return "cancel reached HTTP: " + report.method() + " " + report.host();
    }
}
