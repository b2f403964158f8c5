package dev.netpoll.autoconfigure.context;

import dev.netpoll.tomcat.DeadlinePolicy;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;

import java.time.Duration;
import java.util.List;

/** The limits of {@code netpoll.deadlines.default} and {@code .rules}; the shortest. Immutable. */
final class DeadlineRules implements DeadlinePolicy {

    private record Rule(PathPattern path, @Nullable String method, Duration limit) {

        boolean matches(HttpServletRequest request, PathContainer within) {
            return (method == null || method.equals(request.getMethod())) && path.matches(within);
        }
    }

    private final @Nullable Duration shared;
    private final List<Rule> rules;

    DeadlineRules(DeadlineProperties properties) {
        shared = properties.limit();
        rules =
                properties.rules().stream()
                        .map(rule -> new Rule(rule.pattern(), rule.method(), rule.timeout()))
                        .toList();
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
