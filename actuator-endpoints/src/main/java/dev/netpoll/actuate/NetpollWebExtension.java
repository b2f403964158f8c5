// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

import java.nio.charset.StandardCharsets;

/**
 * Adds to the endpoint over HTTP: the page, and the heatmap as comma-separated values.
 */
@EndpointWebExtension(endpoint = NetpollEndpoint.class)
public final class NetpollWebExtension {

    private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);
    private static final MimeType CSV = new MimeType("text", "csv", StandardCharsets.UTF_8);

    private final NetpollEndpoint endpoint;

    /** Extends {@code endpoint}. */
    public NetpollWebExtension(NetpollEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * A part of the endpoint.
     *
     * @param section {@code page}, {@code connections}, {@code loops} or {@code heatmap}
     * @param state of connections: only those in that state
     * @param limit of connections: at most so many
     * @param format of the heatmap: {@code json} or {@code csv}
     */
    @ReadOperation
    public WebEndpointResponse<?> section(
            @Selector String section,
            @Nullable String state,
            @Nullable Integer limit,
            @Nullable String format) {
        if (section.equals("page")) {
            return new WebEndpointResponse<>(Page.html(), HTML);
        }
        Object part = endpoint.section(section, state, limit);
        if (part == null) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if (format == null || format.equals("json")) {
            return new WebEndpointResponse<>(part, MimeTypeUtils.APPLICATION_JSON);
        }
        if (format.equals("csv") && part instanceof Heatmap heatmap) {
            return new WebEndpointResponse<>(heatmap.csv(), CSV);
        }
        throw new InvalidEndpointRequestException(
                "format is json, or for the heatmap csv", "Invalid format");
    }
}
