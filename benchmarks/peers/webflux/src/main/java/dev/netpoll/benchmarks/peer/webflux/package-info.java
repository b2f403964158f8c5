// SPDX-License-Identifier: Apache-2.0
/** The WebFlux application of the comparison: the same answers as the Spring MVC one. */
@NullMarked
package dev.netpoll.benchmarks.peer.webflux;

import org.jspecify.annotations.NullMarked;
