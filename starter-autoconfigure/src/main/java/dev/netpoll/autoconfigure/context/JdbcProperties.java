package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.jdbc.*}.
 *
 * @param enabled Whether data sources go by the context of the request or task that uses them.
 */
@ConfigurationProperties("netpoll.jdbc")
public record JdbcProperties(@DefaultValue("true") boolean enabled) {}
