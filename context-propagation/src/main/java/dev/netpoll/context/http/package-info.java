// SPDX-License-Identifier: Apache-2.0
/**
 * Outbound HTTP under the current context: Spring's blocking clients through their request factory,
 * {@code WebClient} through an exchange filter.
 */
@NullMarked
package dev.netpoll.context.http;

import org.jspecify.annotations.NullMarked;
