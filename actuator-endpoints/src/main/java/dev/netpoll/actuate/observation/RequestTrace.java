// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

/**
 * The trace of a request whose span is not recorded. Apart from {@link UnsampledTrace}, so that nothing else here needs
 * the tracing libraries, which may be missing.
 */
interface RequestTrace {

    /** Makes the span current on this thread, as a scope of the observation that has just been opened. */
    void open(LazyRequestContext context);

    /** Undoes the latest {@link #open} of this thread. */
    void close(LazyRequestContext context);

    /** Undoes all of this thread. */
    void reset(LazyRequestContext context);

    /** Runs {@code task} with the span current. */
    void within(Runnable task);

    /** Whether the trace is what a context holds under {@code key}. */
    boolean isKey(Object key);

    /** What a context holds under its key. */
    Object value();
}
