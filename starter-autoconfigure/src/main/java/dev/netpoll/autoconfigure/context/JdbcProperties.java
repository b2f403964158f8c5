// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
import dev.netpoll.context.jdbc.JdbcSettings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.jdbc.*}: database calls under the context of the request or task that makes them.
 *
 * @param enabled Whether data sources go by the context of the request or task that uses them.
 * @param cancelGrace How long a cancelled call may go on before its connection is closed, because the
 *     database or the network to it does not answer.
 * @param cancelResendAfter How soon a cancel is sent again while the call still runs, the interval doubling
 *     each time; one that overtakes its statement on the way to the database has no effect.
 * @param queryTimeout Whether the driver's query timeout of a statement is set to a second or two after the
 *     deadline, in case a cancel fails.
 */
@ConfigurationProperties("netpoll.jdbc")
public record JdbcProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration cancelGrace,
        @DefaultValue("20ms") Duration cancelResendAfter,
        @DefaultValue("true") boolean queryTimeout) {

    public JdbcProperties {
        PropertyCheck.positive("netpoll.jdbc.cancel-grace", cancelGrace);
        PropertyCheck.positive("netpoll.jdbc.cancel-resend-after", cancelResendAfter);
    }

    JdbcSettings settings() {
        return new JdbcSettings(cancelResendAfter, cancelGrace, queryTimeout);
    }
}
