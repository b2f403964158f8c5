/**
 * Cancellable contexts in the manner of Go's {@code context} package: who still wants a piece of work,
 * until when, and what to do when nobody does any more.
 *
 * <p>Read {@link dev.netpoll.context.CancelContext} first, then {@link
 * dev.netpoll.context.CancelScope}, whose head holds the state machine. This package needs nothing but
 * the JDK.
 */
@NullMarked
package dev.netpoll.context;

import org.jspecify.annotations.NullMarked;
