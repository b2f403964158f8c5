// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.web.DeadlinePolicy;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;

import java.time.Duration;
import java.util.List;

/** Limits for requests by path and method; the shortest that matches holds. Immutable. */
public final class DeadlineRules implements DeadlinePolicy {

    /**
     * A limit for some requests.
     *
     * @param path matched within the application
     * @param method the HTTP method, or null for any
     * @param limit how long such a request may take
     */
    public record Rule(PathPattern path, @Nullable String method, Duration limit) {

        boolean matches(HttpServletRequest request, PathContainer within) {
            return (method == null || method.equals(request.getMethod())) && path.matches(within);
        }
    }

    private final @Nullable Duration shared;
    private final List<Rule> rules;

    /** With a limit for all requests, or null, and limits for some. */
    public DeadlineRules(@Nullable Duration shared, List<Rule> rules) {
        this.shared = shared;
        this.rules = List.copyOf(rules);
    }

    @Override
    public @Nullable Duration limit(HttpServletRequest request) {
        return rules.isEmpty() ? shared : shortest(request);
    }

    private @Nullable Duration shortest(HttpServletRequest request) {
        PathContainer within = PathWithinApplication.of(request);
        if (within == null) {
            return shared;
        }
        Duration shortest = shared;
        for (Rule rule : rules) {
            if ((shortest == null || rule.limit().compareTo(shortest) < 0)
                    && rule.matches(request, within)) {
                shortest = rule.limit();
            }
        }
        return shortest;
    }
}
