// SPDX-License-Identifier: Apache-2.0
/** The engine's own share in the comparison, to be read against the bare C loop. */
@NullMarked
package dev.netpoll.benchmarks.peer.engine;

import org.jspecify.annotations.NullMarked;
