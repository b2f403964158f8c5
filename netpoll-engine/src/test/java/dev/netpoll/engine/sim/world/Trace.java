// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/** The hash of all that happened, and, on demand, the last of it in words. */
final class Trace {

    private static final int KEPT = 400;
    private static final long PRIME = 0x100000001b3L;

    private final boolean told;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private long hash = 0xcbf29ce484222325L;
    private long steps;
    private long now;
    private int actor;

    Trace(boolean told) {
        this.told = told;
    }

    void step(int chosen, long time) {
        steps++;
        now = time;
        actor = chosen;
        mix(chosen);
        mix(time);
    }

    void call(String name, int fd, long result) {
        mix(name.hashCode());
        mix(fd);
        mix(result);
        note(() -> name + "(" + fd + ") = " + result);
    }

    void note(Supplier<String> what) {
        if (told) {
            if (last.size() == KEPT) {
                last.removeFirst();
            }
            last.addLast("%,d ns, actor %d: %s".formatted(now, actor, what.get()));
        }
    }

    private void mix(long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> 29;
    }

    long hash() {
        return hash;
    }

    long steps() {
        return steps;
    }

    List<String> last() {
        return List.copyOf(last);
    }
}
