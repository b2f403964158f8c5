package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.contexts.*}.
 *
 * @param enabled Whether requests, asynchronous methods and background work get contexts.
 * @param mdc Whether each request's connectionId and requestId are put into the log's MDC.
 */
@ConfigurationProperties("netpoll.contexts")
public record ContextProperties(
        @DefaultValue("true") boolean enabled, @DefaultValue("true") boolean mdc) {}
