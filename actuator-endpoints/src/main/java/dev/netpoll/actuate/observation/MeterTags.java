// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.core.instrument.Tags;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The tags of meters by what they are computed from, for a bounded number of combinations. From any thread.
 *
 * <p>Meters themselves are not kept: the registry finds them by the same tags at little cost, and knows which were
 * removed and which filters were added.
 */
final class MeterTags {

    /** Many routes with several statuses each; a power of two. */
    private static final int PLACES = 1024;

    private static final int MOST = 4 * PLACES;

    private final AtomicReferenceArray<@Nullable Entry> places = new AtomicReferenceArray<>(PLACES);
    private int size; // under the lock

    /**
     * What the tags are computed from.
     *
     * @param method of the request
     * @param scheme of the request
     * @param route the pattern that matched
     * @param status of the response
     * @param error the class of the exception
     */
    record Key(
            String method,
            String scheme,
            @Nullable String route,
            int status,
            @Nullable Class<?> error) {

        boolean is(
                String method,
                String scheme,
                @Nullable String route,
                int status,
                @Nullable Class<?> error) {
            return this.status == status
                    && this.error == error
                    && Objects.equals(this.route, route)
                    && this.method.equals(method)
                    && this.scheme.equals(scheme);
        }

        int place() {
            return MeterTags.place(method, route, status);
        }
    }

    private record Entry(Key key, Tags tags, @Nullable Entry next) {}

    private static int place(String method, @Nullable String route, int status) {
        int hash = (Objects.hashCode(route) * 31 + method.hashCode()) * 31 + status;
        return (hash ^ hash >>> 16) & PLACES - 1;
    }

    @Nullable Tags find(
            String method,
            String scheme,
            @Nullable String route,
            int status,
            @Nullable Class<?> error) {
        Entry entry = places.getAcquire(place(method, route, status));
        while (entry != null && !entry.key.is(method, scheme, route, status, error)) {
            entry = entry.next;
        }
        return entry == null ? null : entry.tags;
    }

    synchronized void keep(Key key, Tags tags) {
        if (size < MOST) {
            int place = key.place();
            places.setRelease(place, new Entry(key, tags, places.getPlain(place)));
            size++;
        }
    }
}
