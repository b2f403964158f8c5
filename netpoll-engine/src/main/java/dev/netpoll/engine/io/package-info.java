// SPDX-License-Identifier: Apache-2.0
/** The vocabulary of the engine: its errors, the results of waits, options and the clock. */
@NullMarked
package dev.netpoll.engine.io;

import org.jspecify.annotations.NullMarked;
