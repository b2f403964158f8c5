// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClientResponseException;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Recognises responses that report a deadline of the server that was called, or of one behind it.
 * The caller's own deadline is never reported by a response: it is a {@link
 * dev.netpoll.context.DeadlineExceededException}.
 *
 * <pre>{@code
 * } catch (HttpServerErrorException e) {
 *     if (DownstreamDeadline.isToldBy(e)) { … }   // worth another attempt while time is left
 * }
 * }</pre>
 */
public final class DownstreamDeadline {

    private static final String GRPC_STATUS = "grpc-status";
    private static final String GRPC_DEADLINE_EXCEEDED = "4";

    /** What problem details may be in before we stop looking. */
    private static final int ENOUGH = 8 * 1024;

    private DownstreamDeadline() {}

    /** Of {@code RestClient}, {@code RestTemplate} and HTTP interfaces. */
    public static boolean isToldBy(RestClientResponseException error) {
        HttpHeaders headers = error.getResponseHeaders();
        return isToldBy(
                error.getStatusCode(),
                headers == null ? HttpHeaders.EMPTY : headers,
                error.getResponseBodyAsByteArray());
    }

    /**
     * Of any client: 504, gRPC's status {@code DEADLINE_EXCEEDED}, or problem details with a server
     * error that speak of a deadline, as this project's servers send them.
     */
    public static boolean isToldBy(HttpStatusCode status, HttpHeaders headers, byte[] body) {
        return status.isSameCodeAs(HttpStatus.GATEWAY_TIMEOUT)
                || GRPC_DEADLINE_EXCEEDED.equals(headers.getFirst(GRPC_STATUS))
                || (status.is5xxServerError() && isProblem(headers) && speaksOfADeadline(body));
    }

    private static boolean isProblem(HttpHeaders headers) {
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        return type != null
                && type.toLowerCase(Locale.ROOT)
                        .startsWith(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    }

    private static boolean speaksOfADeadline(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, ENOUGH), StandardCharsets.UTF_8);
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("deadline exceeded") || lower.contains("deadline_exceeded");
    }
}
