// SPDX-License-Identifier: Apache-2.0
/**
 * A deterministic simulation of the engine: this package weaves preemption points into the engine's own
 * classes and runs seeds; {@code world} is what they run in.
 */
@NullMarked
package dev.netpoll.engine.sim;

import org.jspecify.annotations.NullMarked;
