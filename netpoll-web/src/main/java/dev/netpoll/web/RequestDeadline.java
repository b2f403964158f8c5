// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Sets the deadline of requests to a handler, counted from when the handler is chosen. When it passes, the
 * request's context ends, what the handler waits for is cancelled, and the client is told. It can only
 * shorten a deadline that the request has from configuration or a header.
 *
 * <pre>{@code
 * @GetMapping("/report")
 * @RequestDeadline("2s")
 * Report report() { … }
 * }</pre>
 *
 * <p>On a class it holds for all its handlers that have none of their own. One that cannot be parsed,
 * or is not more than zero, ends the application's start.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface RequestDeadline {

    /**
     * The time: {@code 500ms}, {@code 2s}, {@code 1m}, or ISO-8601 such as {@code PT2S}; a bare number
     * is milliseconds. May be a placeholder, such as <code>${orders.report-deadline}</code>.
     */
    String value();
}
