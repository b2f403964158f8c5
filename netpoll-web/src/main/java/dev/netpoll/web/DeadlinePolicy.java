// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Decides how long a request may take. Called once for each request, on its thread, before any filter; not
 * called for a request that Tomcat refused while it read the head.
 */
@FunctionalInterface
public interface DeadlinePolicy {

    /** The time from now, or null for no deadline; zero or less expires at once. */
    @Nullable Duration limit(HttpServletRequest request);

    /** No deadline for anything. */
    static DeadlinePolicy none() {
        return _ -> null;
    }

    /** The shorter of what this and {@code other} say. */
    default DeadlinePolicy and(DeadlinePolicy other) {
        return request -> shorter(limit(request), other.limit(request));
    }

    private static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.compareTo(b) <= 0 ? a : b;
    }
}
