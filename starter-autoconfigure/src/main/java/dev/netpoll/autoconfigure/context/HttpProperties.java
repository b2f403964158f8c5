// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.http-client.*}: the application's own calls to other servers.
 *
 * @param enabled Whether outbound HTTP calls end with the context of the request or task that makes
 *     them.
 * @param deadlineHeader The request header that tells the server called what is left of the deadline, in
 *     milliseconds or, as grpc-timeout, in gRPC's format; empty for none.
 */
@ConfigurationProperties("netpoll.http-client")
public record HttpProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("x-request-timeout-ms") String deadlineHeader) {}
