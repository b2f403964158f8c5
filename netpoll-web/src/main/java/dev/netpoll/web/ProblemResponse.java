// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import dev.netpoll.context.CancelCause;

import jakarta.servlet.http.HttpServletResponse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * An error response with problem details (RFC 9457), for a request that is refused or whose context ended
 * early.
 *
 * @param status the HTTP status
 * @param body JSON
 */
public record ProblemResponse(int status, byte[] body) {

    /** The status that nginx logs for a client that closed its request. */
    public static final int CLIENT_CLOSED_REQUEST = 499;

    /** The media type of problem details. */
    public static final String CONTENT_TYPE = "application/problem+json";

    /** Returns the response of a request that {@code cause} has ended. */
    public static ProblemResponse of(int status, CancelCause cause) {
        return of(status, cause.message());
    }

    private static ProblemResponse of(int status, String detail) {
        String json =
                "{\"type\":\"about:blank\",\"title\":\""
                        + title(status)
                        + "\",\"status\":"
                        + status
                        + ",\"detail\":\""
                        + escaped(detail)
                        + "\"}";
        return new ProblemResponse(status, json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The whole response, for a connector that answers by itself.
     *
     * @param toHead whether HEAD was asked for: then no body follows, though its length is told
     */
    public byte[] onTheWire(boolean toHead) {
        byte[] head =
                ("HTTP/1.1 "
                                + status
                                + " \r\nContent-Type: "
                                + CONTENT_TYPE
                                + "\r\nContent-Length: "
                                + body.length
                                + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        if (toHead) {
            return head;
        }
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    /**
     * Answers a request that is refused before it is served: 503 with {@code Retry-After}.
     *
     * @param retryAfter rounded up to whole seconds: 0 would invite the client back at once
     */
    public static void refuse(HttpServletResponse response, Duration retryAfter, String detail)
            throws IOException {
        ProblemResponse problem = of(HttpServletResponse.SC_SERVICE_UNAVAILABLE, detail);
        response.setHeader("Retry-After", Long.toString(retryAfter.plusMillis(999).toSeconds()));
        problem.writeTo(response);
    }

    /** Writes status, headers and body to a response that is not committed. */
    public void writeTo(HttpServletResponse response) throws IOException {
        response.setStatus(status);
        response.setContentType(CONTENT_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private static String title(int status) {
        return switch (status) {
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 408 -> "Request Timeout";
            case CLIENT_CLOSED_REQUEST -> "Client Closed Request";
            default -> "Request Cancelled";
        };
    }

    private static String escaped(String text) {
        StringBuilder json = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(' ');
            } else {
                json.append(c);
            }
        }
        return json.toString();
    }
}
