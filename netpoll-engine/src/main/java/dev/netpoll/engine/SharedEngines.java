// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One engine for all parts of the JVM that ask for the same settings: started for the first user, closed
 * after the last, and after the last outbound socket that took it from here: what an application leaves
 * open, such as idle connections of {@link java.net.HttpURLConnection}, is not cut off by its stop. Safe from
 * any thread.
 */
final class SharedEngines {

    private static final class Share {
        final NetpollEngine engine;

        /** Who called acquire. Guarded by the class. */
        int users;

        /** Outbound sockets that are open. Guarded by the class. */
        int sockets;

        Share(NetpollEngine engine) {
            this.engine = engine;
        }
    }

    /** Lends the engine started first of those that have users. */
    static final EngineSource FOR_SOCKETS =
            new EngineSource() {
                @Override
                public NetpollEngine take() throws SocketException {
                    return lend();
                }

                @Override
                public void giveBack(NetpollEngine engine) {
                    if (drop(engine, false)) {
                        Thread.ofPlatform().name("netpoll-close").start(engine::close);
                    }
                }
            };

    /** Guarded by the class. */
    private static final Map<EngineConfig, Share> SHARES = new LinkedHashMap<>();

    /** The first that has users. Written under the class, read by anyone. */
    private static volatile @Nullable Share first;

    private SharedEngines() {}

    static synchronized NetpollEngine acquire(EngineConfig config) throws IOException {
        Share share = SHARES.get(config);
        if (share == null) {
            share = new Share(NetpollEngine.start(config));
            SHARES.put(config, share);
        }
        share.users++;
        lookForFirst();
        return share.engine;
    }

    static void release(NetpollEngine engine) {
        if (drop(engine, true)) {
            engine.close();
        }
    }

    /** Whether a socket that is made now finds an engine. */
    static boolean areThere() {
        return first != null;
    }

    /** The engine that code without an engine of its own goes by; null for none. */
    static @Nullable NetpollEngine firstOrNull() {
        Share share = first;
        return share == null ? null : share.engine;
    }

    private static synchronized NetpollEngine lend() throws SocketException {
        Share share = first;
        if (share == null) {
            throw new SocketException("The engine of this socket has closed; make another");
        }
        share.sockets++;
        return share.engine;
    }

    /** Whether that was the last: its engine is the caller's to close. */
    private static synchronized boolean drop(NetpollEngine engine, boolean user) {
        Share share = SHARES.get(engine.config());
        if (share == null || share.engine != engine) {
            return false;
        }
        if (user) {
            share.users--;
            lookForFirst();
        } else {
            share.sockets--;
        }
        if (share.users > 0 || share.sockets > 0) {
            return false;
        }
        SHARES.remove(engine.config());
        return true;
    }

    private static void lookForFirst() {
        first = SHARES.values().stream().filter(s -> s.users > 0).findFirst().orElse(null);
    }
}
