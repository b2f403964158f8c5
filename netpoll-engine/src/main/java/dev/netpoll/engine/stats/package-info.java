/** What the engine tells observers of itself, besides {@link dev.netpoll.engine.EngineSnapshot}. */
@NullMarked
package dev.netpoll.engine.stats;

import org.jspecify.annotations.NullMarked;
