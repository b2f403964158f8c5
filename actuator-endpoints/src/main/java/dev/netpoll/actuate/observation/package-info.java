// SPDX-License-Identifier: Apache-2.0
/**
 * The observation of the server's requests: the same meters, spans and current observations as Spring's filter gives,
 * at a lower cost for requests that are not traced.
 */
@NullMarked
package dev.netpoll.actuate.observation;

import org.jspecify.annotations.NullMarked;
