// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One engine for all parts of the JVM that ask for the same settings: started for the first, closed after
 * the last. Safe from any thread.
 */
final class SharedEngines {

    private static final class Share {
        final NetpollEngine engine;
        int users;

        Share(NetpollEngine engine) {
            this.engine = engine;
        }
    }

    /** Guarded by the class. */
    private static final Map<EngineConfig, Share> SHARES = new LinkedHashMap<>();

    /** The engine started first of those that run. Written under the class, read by anyone. */
    private static volatile @Nullable NetpollEngine first;

    private SharedEngines() {}

    static synchronized NetpollEngine acquire(EngineConfig config) throws IOException {
        Share share = SHARES.get(config);
        if (share == null) {
            share = new Share(NetpollEngine.start(config));
            SHARES.put(config, share);
            lookForFirst();
        }
        share.users++;
        return share.engine;
    }

    static void release(NetpollEngine engine) {
        if (dropUser(engine)) {
            engine.close();
        }
    }

    /** The engine that outgoing connections of code without an engine of its own go by; null for none. */
    static @Nullable NetpollEngine firstOrNull() {
        return first;
    }

    private static synchronized boolean dropUser(NetpollEngine engine) {
        Share share = SHARES.get(engine.config());
        if (share == null || share.engine != engine || --share.users > 0) {
            return false;
        }
        SHARES.remove(engine.config());
        lookForFirst();
        return true;
    }

    private static void lookForFirst() {
        first = SHARES.isEmpty() ? null : SHARES.values().iterator().next().engine;
    }
}
