// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.CarrierMode;

/**
 * The settings of an engine.
 *
 * @param name what its threads are called after
 * @param loops how many event loops; one a processor is nearly always right
 * @param carriers which threads run the virtual threads
 */
public record EngineConfig(String name, int loops, CarrierMode carriers) {

    public EngineConfig {
        if (loops < 1) {
            throw new IllegalArgumentException("An engine needs at least one loop, not " + loops);
        }
    }

    /** One loop a processor, carrying its virtual threads where the JVM allows it. */
    public static EngineConfig defaults() {
        return new EngineConfig(
                "netpoll", Runtime.getRuntime().availableProcessors(), CarrierMode.AUTO);
    }

    /** The defaults with these loops, 0 for one a processor, and carriers: what parts of a JVM share by. */
    public static EngineConfig of(int loops, CarrierMode carriers) {
        EngineConfig defaults = defaults();
        return (loops > 0 ? defaults.withLoops(loops) : defaults).withCarriers(carriers);
    }

    public EngineConfig withName(String newName) {
        return new EngineConfig(newName, loops, carriers);
    }

    public EngineConfig withLoops(int newLoops) {
        return new EngineConfig(name, newLoops, carriers);
    }

    public EngineConfig withCarriers(CarrierMode newCarriers) {
        return new EngineConfig(name, loops, newCarriers);
    }
}
