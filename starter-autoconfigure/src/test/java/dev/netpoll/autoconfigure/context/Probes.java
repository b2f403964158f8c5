// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.testsupport.Bounded;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What handlers and tests tell each other, by name. */
final class Probes {

    private final Map<String, CompletableFuture<Object>> values = new ConcurrentHashMap<>();

    private CompletableFuture<Object> future(String name) {
        return values.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    void tell(String name, Object value) {
        future(name).complete(value);
    }

    boolean isTold(String name) {
        return future(name).isDone();
    }

    <T> T await(String name, Class<T> type) {
        return type.cast(Bounded.value(future(name)));
    }

    Object await(String name) {
        return await(name, Object.class);
    }

    /**
     * Makes requests that end by their deadline, each with a key of its own, until one has got as far as
     * to tell {@code key.running} before: on a machine that stalls, a deadline may come before the work.
     *
     * @return the key of that one
     */
    String keyOf(String name, Expiring request) throws Exception {
        long giveUp = System.nanoTime() + Bounded.PATIENCE.toNanos();
        for (int attempt = 0; System.nanoTime() < giveUp; attempt++) {
            String key = name + "-" + attempt;
            request.send(key);
            if (isTold(key + ".running")) {
                return key;
            }
        }
        throw new AssertionError("no " + name + " began before its deadline");
    }

    /** A request that is told its key and ends by its deadline. */
    interface Expiring {
        void send(String key) throws Exception;
    }
}
