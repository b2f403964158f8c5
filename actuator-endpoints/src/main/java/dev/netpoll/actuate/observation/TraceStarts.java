// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;

/** Begins the traces of requests, where there is a tracer; needs no tracing library. */
interface TraceStarts {

    /** Returns the trace of a request that is not recorded; null when the tracer has to begin it. */
    @Nullable RequestTrace begin(HttpServletRequest request);

    /** Whether the tracer has left alone what {@link #begin} left it on this thread. */
    boolean forgetUnused();
}
