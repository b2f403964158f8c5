// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts one connector's connections and their ends since it was made. Safe from any thread. */
final class ConnectorCounters {

    private final LongAdder accepted = new LongAdder();
    private final Map<ClosedBy, LongAdder> closed = adders(ClosedBy.class);
    private final Map<DeadlineKind, LongAdder> expired = adders(DeadlineKind.class);
    private final LongAdder backoffs = new LongAdder();

    /** Acceptor thread only; read by anyone. */
    private volatile boolean backingOff;

    ConnectorCounters() {
        // Loaded before it is needed: without a descriptor no class file can be opened any more.
        new AcceptBackoffEvent().begin();
    }

    void accepted() {
        accepted.increment();
    }

    void closed(ClosedBy by) {
        add(closed, by);
    }

    void expired(DeadlineKind kind) {
        add(expired, kind);
    }

    /** Accepting waits for descriptors or memory to come back. */
    void backsOff() {
        backingOff = true;
        backoffs.increment();
    }

    /** A connection was accepted. */
    void goesOn() {
        if (backingOff) {
            backingOff = false;
        }
    }

    ConnectorStatistics statistics(int open, int active) {
        return new ConnectorStatistics(
                open,
                active,
                accepted.sum(),
                sums(closed),
                sums(expired),
                backoffs.sum(),
                backingOff);
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> void add(Map<E, LongAdder> adders, E which) {
        LongAdder adder = adders.get(which);
        if (adder != null) {
            adder.increment();
        }
    }

    private static <E extends Enum<E>> Map<E, Long> sums(Map<E, LongAdder> adders) {
        Map<E, Long> sums = new EnumMap<>(adders.keySet().iterator().next().getDeclaringClass());
        adders.forEach((which, adder) -> sums.put(which, adder.sum()));
        return sums;
    }
}
