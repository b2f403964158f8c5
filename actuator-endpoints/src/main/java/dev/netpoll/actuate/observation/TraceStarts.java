// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

/** Begins the traces of requests, where there is a tracer; needs no tracing library. */
interface TraceStarts {

    /** Returns the trace of a request; null when the tracer has to begin it. */
    @Nullable RequestTrace begin(HttpServletRequest request);

    /** Whether the tracer has made a span and left the id alone that it should have had. */
    boolean isBroken();
}
