// SPDX-License-Identifier: Apache-2.0
/**
 * Resilience4j's parts under the current context. They are the application's own instances, seen
 * through proxies of Resilience4j's interfaces: the same events, the same metrics.
 */
@NullMarked
package dev.netpoll.context.resilience;

import org.jspecify.annotations.NullMarked;
