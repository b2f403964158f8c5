// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of an endpoint that are closing while their clients still send. Tomcat counts them no
 * more, so they have a limit of their own. Safe from any thread.
 */
final class LingeringCloses {

    /** Beyond it a connection closes at once: a flood of refused requests must not hold descriptors. */
    static final int MOST = 1024;

    private final Set<LingeringClose> all = ConcurrentHashMap.newKeySet();

    /** Stopped: nothing lingers any more. */
    private volatile boolean stopped;

    /** False when the connection is to close at once. */
    boolean add(LingeringClose lingering) {
        if (isFull()) {
            return false;
        }
        all.add(lingering);
        if (stopped) {
            return !all.remove(lingering);
        }
        return true;
    }

    /** Nothing may linger now. */
    boolean isFull() {
        return stopped || all.size() >= MOST;
    }

    void remove(LingeringClose lingering) {
        all.remove(lingering);
    }

    int size() {
        return all.size();
    }

    void start() {
        stopped = false;
    }

    /** Closes what lingers, and what would. */
    void stop() {
        stopped = true;
        all.forEach(LingeringClose::end);
    }
}
