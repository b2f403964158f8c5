// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

import java.time.Duration;

/**
 * Writes the request header that tells the server how much time is left. Rounded down: better to
 * give up a moment early than to work for an answer that is no longer read.
 */
final class DeadlineHeader {

    private static final String GRPC_TIMEOUT = "grpc-timeout";

    /** What gRPC's format has digits for. */
    private static final long MAX_GRPC = 99_999_999;

    private DeadlineHeader() {}

    /**
     * Sets the header to what is left, unless the request says less already: a caller's header that was
     * copied from an incoming request is the time that was left then.
     */
    static void write(@Nullable String name, CancelContext context, HttpHeaders headers) {
        Deadline deadline = context.deadline();
        if (name == null || deadline == null) {
            return;
        }
        Duration left = deadline.remaining();
        boolean grpc = GRPC_TIMEOUT.equalsIgnoreCase(name);
        String said = headers.getFirst(name);
        if (said == null || grpc || !saysLess(said, left)) {
            headers.set(name, grpc ? grpc(left) : Long.toString(left.toMillis()));
        }
    }

    private static boolean saysLess(String said, Duration left) {
        String value = said.trim();
        try {
            return isDigits(value) && Long.parseLong(value) < left.toMillis();
        } catch (NumberFormatException tooMany) {
            return false;
        }
    }

    /** No sign, and none of the other digits that Java knows. */
    private static boolean isDigits(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    static String grpc(Duration left) {
        long micros = left.toNanos() / 1_000;
        if (micros <= MAX_GRPC) {
            return micros + "u";
        }
        long millis = left.toMillis();
        return millis <= MAX_GRPC ? millis + "m" : Math.min(left.toSeconds(), MAX_GRPC) + "S";
    }
}
