// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/**
 * Adds key values to the observations of requests: the ids of connection and request, what ended the request
 * early, and in that case the status that the client or the access log gets, which is decided after the
 * observation ends.
 */
public final class RequestObservations implements ObservationFilter {

    private final RequestContexts contexts;

    /** With the settings of {@code contexts}, which say what an expired request answers. */
    public RequestObservations(RequestContexts contexts) {
        this.contexts = contexts;
    }

    @Override
    public Observation.Context map(Observation.Context context) {
        if (context instanceof DeferredKeyValues values && values.defer(this)) {
            return context;
        }
        if (context instanceof ServerRequestObservationContext observed
                && observed.getCarrier() instanceof HttpServletRequest request) {
            describe(observed, request);
        }
        return context;
    }

    private void describe(ServerRequestObservationContext observed, HttpServletRequest request) {
        observed.addHighCardinalityKeyValue(
                KeyValue.of(
                        "http.connection.id", request.getServletConnection().getConnectionId()));
        observed.addHighCardinalityKeyValue(KeyValue.of("http.request.id", request.getRequestId()));
        RequestContext context = RequestContext.of(request);
        CancelCause early = context == null ? null : context.earlyEnd();
        observed.addLowCardinalityKeyValue(
                KeyValue.of("cancel.cause", early == null ? "none" : early.origin().kind().tag()));
        CancelCause answering = context == null ? null : context.answeringCause();
        if (answering != null) {
            correctStatus(observed, answering);
        }
    }

    /** Micrometer's names and OpenTelemetry's, whichever are there. */
    private void correctStatus(ServerRequestObservationContext observed, CancelCause early) {
        boolean left = early.origin() instanceof CancelCause.ClientDisconnected;
        String status =
                String.valueOf(
                        left
                                ? ProblemResponse.CLIENT_CLOSED_REQUEST
                                : contexts.settings().expiredStatus());
        replace(observed, "status", status);
        replace(observed, "http.response.status_code", status);
        replace(observed, "outcome", left ? "CLIENT_ERROR" : "SERVER_ERROR");
    }

    private static void replace(Observation.Context context, String key, String value) {
        @Nullable KeyValue there = context.getLowCardinalityKeyValue(key);
        if (there != null) {
            context.addLowCardinalityKeyValue(KeyValue.of(key, value));
        }
    }
}
