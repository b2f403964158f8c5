// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.RequestPath;

import java.util.regex.Pattern;

/** The path of a request within its application, for path patterns to match. */
final class PathWithinApplication {

    private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");

    private PathWithinApplication() {}

    /**
     * The path. Where its parameters do not decode, which Tomcat lets pass and Spring does not, the path without
     * them: a client must not escape a rule by a parameter.
     *
     * @return null where there is none or none that decodes, as of a request that Tomcat has refused
     */
    static @Nullable PathContainer of(HttpServletRequest request) {
        String uri = request.getRequestURI();
        if (uri == null) {
            return null;
        }
        PathContainer path = parsed(uri, request);
        return path == null && uri.indexOf(';') >= 0
                ? parsed(PARAMETERS.matcher(uri).replaceAll(""), request)
                : path;
    }

    private static @Nullable PathContainer parsed(String uri, HttpServletRequest request) {
        try {
            return RequestPath.parse(uri, request.getContextPath()).pathWithinApplication();
        } catch (IllegalArgumentException doesNotDecode) {
            return null;
        }
    }
}
