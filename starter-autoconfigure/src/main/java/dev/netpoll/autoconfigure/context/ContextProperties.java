// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.context.*}.
 *
 * @param enabled Whether requests, asynchronous methods and background work get contexts.
 * @param mdc Whether each request's connectionId and requestId are put into the log's MDC.
 * @param queryStrings Whether the endpoint, the flight recorder and warnings show the query strings of
 *     requests, which can be secrets.
 */
@ConfigurationProperties("netpoll.context")
public record ContextProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("true") boolean mdc,
        @DefaultValue("false") boolean queryStrings) {}
