// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.async.*}: what requests start and do not wait for.
 *
 * @param detached Whether asynchronous methods and tasks keep running whatever becomes of the request
 *     that started them; annotations say otherwise for single methods.
 */
@ConfigurationProperties("netpoll.async")
public record AsyncProperties(@DefaultValue("false") boolean detached) {}
