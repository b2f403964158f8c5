// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.OpenTelemetryServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationConvention;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.io.IOException;
import java.util.Set;

/**
 * Observes requests as Spring's filter does. The observation of a request that brings no trace along is begun here, with
 * a context that costs less; scopes, errors, asynchronous dispatches and the end are the
 * superclass's. Runs on the handler's thread.
 */
public final class RequestObservationFilter extends ServerHttpObservationFilter {

    private static final Log LOG = LogFactory.getLog(RequestObservationFilter.class);

    /** Where the superclass looks for an observation that has begun. */
    private static final String OBSERVATION =
            ServerHttpObservationFilter.class.getName() + ".observation";

    /** Their values depend on request, response, route and error alone. */
    private static final Set<Class<?>> KNOWN =
            Set.of(
                    DefaultServerRequestObservationConvention.class,
                    OpenTelemetryServerRequestObservationConvention.class);

    private final ObservationMode mode;
    private final ObservationRegistry registry;
    private final ServerRequestObservationConvention convention;
    private final LazyConvention lazy;
    private final @Nullable TraceStarts traces;

    /**
     * @param mode how requests are observed; says so in the log
     * @param registry of the observations
     * @param convention that names meters, spans and their key values
     */
    public RequestObservationFilter(
            ObservationMode mode,
            ObservationRegistry registry,
            ServerRequestObservationConvention convention) {
        super(registry, convention);
        this.mode = mode;
        this.registry = registry;
        this.convention = convention;
        this.lazy = new LazyConvention(convention);
        this.traces = mode.traces();
        mode.used();
        if (mode.isFast() && !KNOWN.contains(convention.getClass())) {
            mode.giveUp(
                    "the ServerRequestObservationConvention '"
                            + convention.getClass().getName()
                            + "' is the application's own");
        }
        LOG.info("Requests are observed by netpoll: " + mode);
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (mode.isFast()
                && request.getDispatcherType() == DispatcherType.REQUEST
                && request.getAttribute(OBSERVATION) == null) {
            begin(request, response);
        }
        super.doFilterInternal(request, response, chain);
    }

    /** Or leaves it to the superclass. */
    private void begin(HttpServletRequest request, HttpServletResponse response) {
        if (registry.getCurrentObservation() != null) {
            return;
        }
        RequestTrace trace = null;
        if (traces != null) {
            trace = traces.begin(request);
            if (trace == null) {
                if (traces.isBroken() && mode.isFast()) {
                    giveUp();
                }
                return;
            }
        }
        var context = new LazyRequestContext(request, response, convention, trace);
        Observation observation =
                Observation.createNotStarted(lazy, () -> context, registry).start();
        request.setAttribute(OBSERVATION, observation);
        if (!observation.isNoop()) {
            request.setAttribute(CURRENT_OBSERVATION_CONTEXT_ATTRIBUTE, context);
        }
    }

    private void giveUp() {
        mode.giveUp("the tracer does not take its ids from where it did");
        LOG.warn("Requests are observed by netpoll no more: " + mode);
    }
}
