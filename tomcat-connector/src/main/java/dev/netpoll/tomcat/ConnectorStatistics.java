// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.Map;

/**
 * Counts of a connector's connections: those that are open, and how the others ended. Taken while
 * connections come and go.
 *
 * @param open accepted and not closed
 * @param active those among them with a request: being received, served, or answered asynchronously;
 *     upgraded connections too
 * @param accepted since the connector was made
 * @param closed since then, by what ended them; a number for each
 * @param expired how many deadlines of connections have passed since then; a number for each kind
 * @param backoffs how often accepting waited for descriptors or memory
 * @param backingOff whether it does now
 */
public record ConnectorStatistics(
        int open,
        int active,
        long accepted,
        Map<ClosedBy, Long> closed,
        Map<DeadlineKind, Long> expired,
        long backoffs,
        boolean backingOff) {

    public ConnectorStatistics {
        closed = Map.copyOf(closed);
        expired = Map.copyOf(expired);
    }

    /** Connections that wait for their next request, or their first. */
    public int idle() {
        return open - active;
    }
}
