// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.observation;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** A request with attributes of its own, and the headers that a client sends which traces nothing. */
final class BenchmarkRequest extends HttpServletRequestWrapper {

    private static final String[] HEADERS = {
        "host", "user-agent", "accept", "accept-encoding", "connection"
    };

    private final Map<String, Object> attributes = new HashMap<>();

    BenchmarkRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return attributes.get(name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }

    @Override
    public @Nullable String getHeader(String name) {
        for (String header : HEADERS) {
            if (header.equalsIgnoreCase(name)) {
                return "x";
            }
        }
        return null;
    }

    @Override
    public boolean isAsyncStarted() {
        return false;
    }
}
