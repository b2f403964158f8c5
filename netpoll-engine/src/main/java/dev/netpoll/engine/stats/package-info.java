// SPDX-License-Identifier: Apache-2.0
/** The engine's statistics for observers, besides {@link dev.netpoll.engine.EngineSnapshot}. */
@NullMarked
package dev.netpoll.engine.stats;

import org.jspecify.annotations.NullMarked;
