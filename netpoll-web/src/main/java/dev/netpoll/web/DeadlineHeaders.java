// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * A deadline policy that reads the headers in which clients send the time they will wait. It can only
 * shorten a request's deadline.
 *
 * <p>{@code grpc-timeout} as in gRPC over HTTP/2 (at most 8 digits and a unit of {@code HMSmun}),
 * Envoy's {@code x-envoy-expected-rq-timeout-ms} in milliseconds, and one name of one's own, also in
 * milliseconds; zero has expired at once. What is neither, a sign included, is ignored and counted. Safe from any thread.
 */
public final class DeadlineHeaders implements DeadlinePolicy {

    /** gRPC's header. */
    public static final String GRPC_TIMEOUT = "grpc-timeout";

    /** Envoy's header. */
    public static final String ENVOY_TIMEOUT = "x-envoy-expected-rq-timeout-ms";

    private static final int MAX_GRPC_DIGITS = 8;

    private final List<String> names;
    private final LongAdder unparsable = new LongAdder();

    /** Listens to these headers; the shortest of several counts. */
    public DeadlineHeaders(List<String> names) {
        this.names = List.copyOf(names);
    }

    /** How many headers could not be parsed. */
    public long unparsable() {
        return unparsable.sum();
    }

    @Override
    public @Nullable Duration limit(HttpServletRequest request) {
        Duration shortest = null;
        for (String name : names) {
            String value = request.getHeader(name);
            Duration limit = value == null ? null : parse(name, value.trim());
            if (limit != null && (shortest == null || limit.compareTo(shortest) < 0)) {
                shortest = limit;
            }
        }
        return shortest;
    }

    private @Nullable Duration parse(String name, String value) {
        try {
            return name.equalsIgnoreCase(GRPC_TIMEOUT)
                    ? grpc(value)
                    : Duration.ofMillis(digits(value));
        } catch (NumberFormatException e) {
            unparsable.increment();
            return null;
        }
    }

    /** Digits of ASCII and nothing else: no sign, and none of the other digits that Java knows. */
    private static long digits(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                throw new NumberFormatException(value);
            }
        }
        return Long.parseLong(value);
    }

    private static Duration grpc(String value) {
        int last = value.length() - 1;
        if (last < 1 || last > MAX_GRPC_DIGITS) {
            throw new NumberFormatException(value);
        }
        long amount = digits(value.substring(0, last));
        return switch (value.charAt(last)) {
            case 'H' -> Duration.ofHours(amount);
            case 'M' -> Duration.ofMinutes(amount);
            case 'S' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMillis(amount);
            case 'u' -> Duration.ofNanos(amount * 1_000);
            case 'n' -> Duration.ofNanos(amount);
            default -> throw new NumberFormatException(value);
        };
    }
}
