// SPDX-License-Identifier: Apache-2.0
/**
 * Cancellable contexts in the manner of Go's {@code context} package: deadlines, cancellation and
 * values that a piece of work hands on to the work it starts.
 *
 * <p>Read {@link dev.netpoll.context.CancelContext} first, then {@link
 * dev.netpoll.context.CancelScope}, whose head holds the state machine. This package needs nothing but
 * the JDK.
 */
@NullMarked
package dev.netpoll.context;

import org.jspecify.annotations.NullMarked;
