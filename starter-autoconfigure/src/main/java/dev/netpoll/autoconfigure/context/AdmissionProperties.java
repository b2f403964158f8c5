// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
import dev.netpoll.web.AdmissionControl;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

import java.time.Duration;
import java.util.List;

/**
 * {@code netpoll.admission.*}: which requests are refused at once, with 503 and Retry-After, instead of
 * being begun in vain. Nothing is refused by default.
 *
 * @param maxConcurrent How many requests may run at once before further ones are refused; 0 for any
 *     number.
 * @param byRemainingTime Whether a request is refused when its deadline leaves less time than half of
 *     the latest successful requests of its route needed.
 * @param probeEvery How often one request of a route is admitted in spite of its little time, to learn
 *     whether such requests have become faster.
 * @param retryAfter What a refused client is told to wait, in whole seconds.
 * @param exclude Path patterns within the application that are always admitted.
 */
@ConfigurationProperties("netpoll.admission")
public record AdmissionProperties(
        @DefaultValue("0") int maxConcurrent,
        @DefaultValue("false") boolean byRemainingTime,
        @DefaultValue("1s") Duration probeEvery,
        @DefaultValue("1s") Duration retryAfter,
        @DefaultValue("/actuator/**") List<String> exclude) {

    public AdmissionProperties {
        PropertyCheck.between(
                0, Integer.MAX_VALUE, "netpoll.admission.max-concurrent", maxConcurrent);
        PropertyCheck.notNegative("netpoll.admission.probe-every", probeEvery);
        PropertyCheck.notNegative("netpoll.admission.retry-after", retryAfter);
    }

    List<PathPattern> excluded() {
        return exclude.stream().map(PathPatternParser.defaultInstance::parse).toList();
    }

    AdmissionControl.Settings settings() {
        return new AdmissionControl.Settings(maxConcurrent, byRemainingTime, probeEvery);
    }
}
