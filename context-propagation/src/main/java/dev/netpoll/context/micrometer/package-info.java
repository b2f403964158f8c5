// SPDX-License-Identifier: Apache-2.0
/** The current context, carried along by Micrometer's context propagation where that is present. */
@NullMarked
package dev.netpoll.context.micrometer;

import org.jspecify.annotations.NullMarked;
