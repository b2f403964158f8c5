package dev.netpoll.autoconfigure.context;

import jakarta.servlet.http.HttpServletResponse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a request that is not begun answers: 503, Retry-After, problem details. */
record Refusal(Duration retryAfter) {

    void answer(HttpServletResponse response, String detail) throws IOException {
        byte[] body =
                ("{\"type\":\"about:blank\",\"title\":\"Service"
                                + " Unavailable\",\"status\":503,\"detail\":\""
                                + detail
                                + "\"}")
                        .getBytes(StandardCharsets.UTF_8);
        response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setHeader("Retry-After", Long.toString(seconds()));
        response.setContentType("application/problem+json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** Rounded up: 0 would invite it back at once. */
    private long seconds() {
        return retryAfter.plusMillis(999).toSeconds();
    }
}
