// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.observation.Observation;

/**
 * The trace of a request that brought none along. Apart from {@link RequestSpan}, so that nothing else here needs the
 * tracing libraries, which may be missing.
 */
interface RequestTrace {

    /** Whether the span is recorded. */
    boolean isRecorded();

    /** Makes the span current on this thread, as a scope of the observation that has just been opened. */
    void open(LazyRequestContext context);

    /** Undoes the latest {@link #open} of this thread. */
    void close(LazyRequestContext context);

    /** Undoes all of this thread. */
    void reset(LazyRequestContext context);

    /** Records the context's error. */
    void error(LazyRequestContext context);

    /** Records an event. */
    void event(Observation.Event event);

    /** Gives the span the context's name and key values, and ends it. */
    void end(LazyRequestContext context);

    /** Runs {@code task} with the span current. */
    void within(Runnable task);

    /** Whether the trace is what a context holds under {@code key}. */
    boolean isKey(Object key);

    /** What a context holds under its key. */
    Object value();
}
