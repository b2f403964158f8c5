// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
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
        PropertyCheck.positive("netpoll.deadlines.default", limit);
        PropertyCheck.between(FIRST_ERROR, LAST_ERROR, "netpoll.deadlines.status", status);
        PropertyCheck.notNegative("netpoll.deadlines.hard-grace", hardGrace);
    }

    DeadlineRules toRules() {
        return new DeadlineRules(limit, rules.stream().map(Rule::toRule).toList());
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
                        "'netpoll.deadlines.rules' must each have a path and a timeout, were %s and %s"
                                .formatted(path, timeout));
            }
            PropertyCheck.positive("netpoll.deadlines.rules[].timeout of " + path, timeout);
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
                        "'netpoll.deadlines.rules[].path' must be a path pattern, was %s: %s"
                                .formatted(path, e.getMessage()),
                        e);
            }
        }
    }
}
