// SPDX-License-Identifier: Apache-2.0
/**
 * The netpoller: {@link dev.netpoll.engine.internal.poll.PollDesc}'s state machine, the deadline timers, and
 * {@link dev.netpoll.engine.internal.poll.PolledFd}, the one class whose system calls end in exceptions.
 *
 * <p>Semantics follow Go's {@code runtime/netpoll.go} and {@code internal/poll}; where we differ the
 * class says so.
 */
@NullMarked
package dev.netpoll.engine.internal.poll;

import org.jspecify.annotations.NullMarked;
