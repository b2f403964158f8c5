package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;

import java.nio.charset.StandardCharsets;

/**
 * What a request whose context ended early answers: problem details as in RFC 9457.
 *
 * @param status the HTTP status
 * @param body JSON
 */
record ProblemResponse(int status, byte[] body) {

    static final String CONTENT_TYPE = "application/problem+json";

    static ProblemResponse of(int status, CancelCause cause) {
        String json =
                "{\"type\":\"about:blank\",\"title\":\""
                        + title(status)
                        + "\",\"status\":"
                        + status
                        + ",\"detail\":\""
                        + escaped(cause.message())
                        + "\"}";
        return new ProblemResponse(status, json.getBytes(StandardCharsets.UTF_8));
    }

    /** The whole response, for a connector that answers by itself. */
    byte[] onTheWire() {
        byte[] head =
                ("HTTP/1.1 "
                                + status
                                + " \r\nContent-Type: "
                                + CONTENT_TYPE
                                + "\r\nContent-Length: "
                                + body.length
                                + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    private static String title(int status) {
        return switch (status) {
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 408 -> "Request Timeout";
            case 499 -> "Client Closed Request";
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
