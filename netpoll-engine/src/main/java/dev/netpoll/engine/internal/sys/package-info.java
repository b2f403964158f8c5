// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel seam: FFM bindings, errno, epoll records.
 *
 * <p>The only package that imports {@code java.lang.foreign}. Nothing here decides anything: a call
 * returns what the kernel said, a result or the negated errno, and {@code poll} makes sense of it.
 */
@NullMarked
package dev.netpoll.engine.internal.sys;

import org.jspecify.annotations.NullMarked;
