// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.Deadline;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.mvc.DeferredKeyValues;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.ServerRequestObservationContext;

import java.time.Duration;
import java.time.Instant;

/**
 * Adds to a request's server span how long the request waited for its client, its deadline and what was
 * left of it; and when something ended it early, an event and what its thread waited for at that moment.
 * Nothing is added per system call.
 *
 * <p>Runs on the request's thread, but for the event, which is told on whatever thread ends the
 * request.
 */
public final class RequestTraces
        implements ObservationFilter, ObservationHandler<ServerRequestObservationContext> {

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ServerRequestObservationContext
                && (!(context instanceof DeferredKeyValues values) || values.isRecorded());
    }

    @Override
    public void onStart(ServerRequestObservationContext context) {
        RequestContext scope = scopeOf(context);
        if (scope != null) {
            scope.onEarlyEnd(cause -> tell(context, scope, cause));
        }
    }

    private static void tell(Observation.Context context, RequestContext scope, CancelCause cause) {
        TracingContext tracing = context.get(TracingContext.class);
        Span span = tracing == null ? null : tracing.getSpan();
        if (span == null || span.isNoop()) {
            return;
        }
        span.event(nameOf(cause.origin().kind()));
        String what = scope.waitsFor();
        if (what != null) {
            span.tag("netpoll.waiting.for", what);
        }
    }

    private static String nameOf(CancelCause.Kind kind) {
        return kind == CancelCause.Kind.DEADLINE_EXCEEDED
                ? "deadline expired"
                : kind.tag().replace('-', ' ');
    }

    @Override
    public Observation.Context map(Observation.Context context) {
        if (context instanceof DeferredKeyValues values && values.defer(this)) {
            return context;
        }
        if (context instanceof ServerRequestObservationContext request) {
            RequestContext scope = scopeOf(request);
            if (scope != null) {
                describe(request, scope);
            }
        }
        return context;
    }

    private static void describe(Observation.Context context, RequestContext scope) {
        put(context, "netpoll.wait.read.ms", millis(scope.readWait()));
        put(context, "netpoll.wait.write.ms", millis(scope.writeWait()));
        Deadline deadline = scope.context().deadline();
        if (deadline != null) {
            Duration left = deadline.remaining();
            put(context, "netpoll.deadline", Instant.now().plus(left).toString());
            put(context, "netpoll.deadline.left.ms", millis(left));
        }
    }

    private static void put(Observation.Context context, String key, String value) {
        context.addHighCardinalityKeyValue(KeyValue.of(key, value));
    }

    private static String millis(Duration duration) {
        return String.valueOf(Millis.of(duration));
    }

    private static @Nullable RequestContext scopeOf(ServerRequestObservationContext context) {
        HttpServletRequest request = context.getCarrier();
        return request == null ? null : RequestContext.of(request);
    }
}
