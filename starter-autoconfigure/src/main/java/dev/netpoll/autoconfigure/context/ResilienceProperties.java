// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.resilience4j.*}.
 *
 * @param enabled Whether Resilience4j's retries, time limiters, bulkheads and circuit breakers go by the
 *     context of the request or task that uses them.
 */
@ConfigurationProperties("netpoll.resilience4j")
public record ResilienceProperties(@DefaultValue("true") boolean enabled) {}
