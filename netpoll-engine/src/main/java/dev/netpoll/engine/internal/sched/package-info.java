// SPDX-License-Identifier: Apache-2.0
/**
 * Event loops, the carriers that run them, and the virtual threads they carry.
 *
 * <p>The only package that touches JDK internals, all of it in {@link
 * dev.netpoll.engine.internal.sched.LoopThreads} and {@link dev.netpoll.engine.internal.sched.LoopDelays}.
 */
@NullMarked
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.NullMarked;
