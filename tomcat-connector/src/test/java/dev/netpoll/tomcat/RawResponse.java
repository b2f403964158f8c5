// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One response as it stood on the wire, taken out of its framing.
 *
 * @param statusLine without its CRLF
 * @param headers in order of arrival
 * @param body empty while only the head was read
 * @param trailers after a chunked body
 */
record RawResponse(
        String statusLine,
        List<Map.Entry<String, String>> headers,
        byte[] body,
        List<Map.Entry<String, String>> trailers) {

    int status() {
        return Integer.parseInt(statusLine.split(" ", -1)[1]);
    }

    /** The header's values joined by a comma, or the empty text when it is absent. */
    String header(String name) {
        return joined(headers, name);
    }

    String trailer(String name) {
        return joined(trailers, name);
    }

    boolean has(String name) {
        return headers.stream().anyMatch(header -> header.getKey().equalsIgnoreCase(name));
    }

    boolean chunked() {
        return header("Transfer-Encoding").equalsIgnoreCase("chunked");
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    RawResponse with(byte[] newBody, List<Map.Entry<String, String>> newTrailers) {
        return new RawResponse(statusLine, headers, newBody, newTrailers);
    }

    private static String joined(List<Map.Entry<String, String>> fields, String name) {
        return fields.stream()
                .filter(field -> field.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining(", "));
    }
}
