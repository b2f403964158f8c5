// SPDX-License-Identifier: Apache-2.0
/**
 * The world of one simulation: its threads, its kernel, its clock, and the service and clients that run in
 * it. Loaded by {@link dev.netpoll.engine.sim.WovenLoader}, beside the woven engine.
 */
@NullMarked
package dev.netpoll.engine.sim.world;

import org.jspecify.annotations.NullMarked;
