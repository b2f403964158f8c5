// SPDX-License-Identifier: Apache-2.0
/**
 * The engine's face: blocking-style sockets on epoll, for virtual threads.
 *
 * <p>Start at {@link dev.netpoll.engine.NetpollEngine}.
 */
@NullMarked
package dev.netpoll.engine;

import org.jspecify.annotations.NullMarked;
