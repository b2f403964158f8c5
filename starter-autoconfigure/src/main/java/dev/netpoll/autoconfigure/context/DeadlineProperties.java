package dev.netpoll.autoconfigure.context;

import dev.netpoll.web.mvc.DeadlineRules;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * {@code netpoll.deadlines.*}: how long requests may take. Of several limits the shortest holds.
 *
 * @param limit How long any request may take; no limit by default.
 * @param rules Limits for the requests a path pattern and perhaps a method match.
 * @param headers Request headers in which callers send the time they will wait, which can only shorten:
 *     grpc-timeout in gRPC's format, all others in milliseconds.
 * @param status What an expired request answers while nothing of its response has been sent.
 * @param hardGrace How long a handler may go on after its deadline before the connector answers for it.
 */
@ConfigurationProperties("netpoll.deadlines")
public record DeadlineProperties(
        @Name("default") @Nullable Duration limit,
        @DefaultValue List<Rule> rules,
        @DefaultValue({"grpc-timeout", "x-envoy-expected-rq-timeout-ms", "x-request-timeout-ms"})
                List<String> headers,
        @DefaultValue("503") int status,
        @DefaultValue("10ms") Duration hardGrace) {

    private static final int FIRST_ERROR = 400;
    private static final int LAST_ERROR = 599;

    public DeadlineProperties {
        requirePositive("netpoll.deadlines.default", limit);
        if (status < FIRST_ERROR || status > LAST_ERROR) {
            throw new IllegalArgumentException(
                    "netpoll.deadlines.status is from 400 to 599, and not " + status);
        }
        if (hardGrace.isNegative()) {
            throw new IllegalArgumentException(
                    "netpoll.deadlines.hard-grace is not negative, and not " + hardGrace);
        }
    }

    DeadlineRules toRules() {
        return new DeadlineRules(limit, rules.stream().map(Rule::toRule).toList());
    }

    private static void requirePositive(String name, @Nullable Duration value) {
        if (value != null && !value.isPositive()) {
            throw new IllegalArgumentException(
                    name + " is more than zero, or left out for no limit, and not " + value);
        }
    }

    /**
     * A limit for some requests.
     *
     * @param path Path pattern within the application, such as /reports/**.
     * @param method HTTP method; any by default.
     * @param timeout How long such a request may take.
     */
    public record Rule(String path, @Nullable String method, Duration timeout) {

        @SuppressWarnings("ConstantValue") // the binder knows nothing of NullAway
        public Rule {
            if (path == null || timeout == null) {
                throw new IllegalArgumentException(
                        "Each of netpoll.deadlines.rules has a path and a timeout, and not "
                                + path
                                + " and "
                                + timeout);
            }
            requirePositive("netpoll.deadlines.rules' timeout for " + path, timeout);
            pattern(path);
            method = method == null ? null : method.toUpperCase(Locale.ROOT);
        }

        private DeadlineRules.Rule toRule() {
            return new DeadlineRules.Rule(pattern(path), method, timeout);
        }

        private static PathPattern pattern(String path) {
            try {
                return PathPatternParser.defaultInstance.parse(path);
            } catch (PatternParseException e) {
                throw new IllegalArgumentException(
                        "netpoll.deadlines.rules has a path that is no pattern: "
                                + path
                                + ": "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
