// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.time.Duration;

/**
 * The settings for ending a cancelled call.
 *
 * @param resendAfter when a call still runs this long after a cancel was sent, the cancel is sent
 *     again, and then in doubling intervals: one that overtakes its query on the way to the database
 *     finds nothing to cancel and is forgotten there
 * @param cancelGrace a call that still runs this long after its context ended loses its connection:
 *     the database, or the network to it, does not answer
 * @param queryTimeout whether the driver's own query timeout is set a second or two behind the
 *     deadline, for the day our own cancel fails; it has whole seconds only
 */
public record JdbcSettings(Duration resendAfter, Duration cancelGrace, boolean queryTimeout) {

    /** 20 ms, 5 s, and with the query timeout. */
    public static final JdbcSettings DEFAULTS =
            new JdbcSettings(Duration.ofMillis(20), Duration.ofSeconds(5), true);

    public JdbcSettings {
        if (!resendAfter.isPositive() || !cancelGrace.isPositive()) {
            throw new IllegalArgumentException(
                    "Must be positive: " + resendAfter + ", " + cancelGrace);
        }
    }
}
