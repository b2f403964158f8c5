// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.ContextRuntime;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.CompletionListener;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestContext;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.server.PathContainer;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Admits or refuses each request before the filters that do work, and measures how long successful requests
 * took. A permit is released when the handler has returned or, for an asynchronous request, when the request
 * has completed. Runs on the handler's thread.
 */
public final class AdmissionFilter implements Filter {

    /** Set on requests that no admission rule is for. */
    static final String EXCLUDED = AdmissionFilter.class.getName() + ".excluded";

    private static final int FIRST_ERROR = 400;

    private final AdmissionControl admission;
    private final Duration retryAfter;
    private final List<PathPattern> excluded;

    /**
     * @param admission decides
     * @param retryAfter how long refused clients are told to wait, in whole seconds
     * @param excluded paths within the application that are always admitted
     */
    public AdmissionFilter(
            AdmissionControl admission, Duration retryAfter, List<PathPattern> excluded) {
        this.admission = admission;
        this.retryAfter = retryAfter;
        this.excluded = List.copyOf(excluded);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        if (isExcluded(http)) {
            http.setAttribute(EXCLUDED, true);
            chain.doFilter(request, response);
        } else if (!admission.tryEnter()) {
            ProblemResponse.refuse(answer, retryAfter, "as many requests run as may");
        } else {
            admitted(http, answer, chain);
        }
    }

    private boolean isExcluded(HttpServletRequest request) {
        if (excluded.isEmpty()) {
            return false;
        }
        PathContainer path = PathWithinApplication.of(request);
        return path != null && excluded.stream().anyMatch(pattern -> pattern.matches(path));
    }

    private void admitted(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Permit permit = new Permit(request, response);
        try {
            chain.doFilter(request, response);
        } finally {
            if (request.isAsyncStarted()) {
                request.getAsyncContext().addListener(permit);
            } else {
                permit.release();
            }
        }
    }

    /** One request's permit to run. Released once. */
    private final class Permit implements CompletionListener {

        private final HttpServletRequest request;
        private final HttpServletResponse response;
        private final long begun = ContextRuntime.system().nanoTime();

        Permit(HttpServletRequest request, HttpServletResponse response) {
            this.request = request;
            this.response = response;
        }

        void release() {
            admission.leave();
            Object route = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
            if (route != null
                    && request.getAttribute(AdmissionInterceptor.REFUSED) == null
                    && response.getStatus() < FIRST_ERROR
                    && RequestContext.earlyEnd(request) == null) {
                admission.succeeded(
                        AdmissionInterceptor.key(request, route),
                        Duration.ofNanos(ContextRuntime.system().nanoTime() - begun));
            }
        }

        @Override
        public void onComplete(AsyncEvent event) {
            release();
        }
    }
}
