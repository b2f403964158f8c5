// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * One engine for all connectors of the JVM that ask for the same: started for the first, closed after
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
    private static final Map<EngineConfig, Share> SHARES = new HashMap<>();

    private SharedEngines() {}

    static synchronized NetpollEngine acquire(EngineConfig config) throws IOException {
        Share share = SHARES.get(config);
        if (share == null) {
            share = new Share(NetpollEngine.start(config));
            SHARES.put(config, share);
        }
        share.users++;
        return share.engine;
    }

    static void release(NetpollEngine engine) {
        if (dropUser(engine)) {
            engine.close();
        }
    }

    private static synchronized boolean dropUser(NetpollEngine engine) {
        Share share = SHARES.get(engine.config());
        if (share == null || share.engine != engine || --share.users > 0) {
            return false;
        }
        SHARES.remove(engine.config());
        return true;
    }
}
