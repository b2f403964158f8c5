// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import io.micrometer.observation.ObservationFilter;

/**
 * An observation's context that computes its key values only when they are read, and remembers until then which filter
 * would add some.
 */
public interface DeferredKeyValues {

    /**
     * Remembers {@code filter}, whose {@code map} is called if the key values are read after all.
     *
     * @return false when they are being computed now, so the filter adds its own at once
     */
    boolean defer(ObservationFilter filter);

    /** Whether the observation has a span that is recorded. */
    boolean isRecorded();
}
