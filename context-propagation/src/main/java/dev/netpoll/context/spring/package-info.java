// SPDX-License-Identifier: Apache-2.0
/**
 * Contexts in a Spring application: annotations, what carries the context into {@code @Async} methods,
 * executors and scheduled tasks, and what the adapters for Spring share. Needs no server in particular.
 */
@NullMarked
package dev.netpoll.context.spring;

import org.jspecify.annotations.NullMarked;
