// SPDX-License-Identifier: Apache-2.0
/**
 * Work that runs elsewhere under a context: groups of tasks, executors that carry the context, and the
 * watch over what runs on after its context has ended.
 */
@NullMarked
package dev.netpoll.context.task;

import org.jspecify.annotations.NullMarked;
