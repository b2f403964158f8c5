// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.CancelContext;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.ProblemResponse;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

import java.io.IOException;
import java.time.Duration;

/**
 * Refuses a request whose deadline leaves less time than requests of its route need. An interceptor,
 * because the route and the handler's own deadline are known here; comes after the interceptor that sets that
 * deadline. Runs on the handler's thread.
 */
public final class AdmissionInterceptor implements HandlerInterceptor {

    /** Set on requests that were refused here. */
    static final String REFUSED = AdmissionInterceptor.class.getName() + ".refused";

    private final AdmissionControl admission;
    private final Duration retryAfter;

    /** With the time that refused clients are told to wait, of whole seconds. */
    public AdmissionInterceptor(AdmissionControl admission, Duration retryAfter) {
        this.admission = admission;
        this.retryAfter = retryAfter;
    }

    static String key(HttpServletRequest request, Object route) {
        return request.getMethod() + " " + route;
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        Object route = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        CancelContext context = CancelContext.currentOrNull();
        if (route == null
                || context == null
                || request.getDispatcherType() != DispatcherType.REQUEST
                || request.getAttribute(AdmissionFilter.EXCLUDED) != null
                || admission.hasTime(key(request, route), context.deadline())) {
            return true;
        }
        request.setAttribute(REFUSED, true);
        ProblemResponse.refuse(response, retryAfter, "less time is left than such requests need");
        return false;
    }
}
