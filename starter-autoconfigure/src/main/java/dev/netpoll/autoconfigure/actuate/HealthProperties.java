// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollHealthIndicator;
import dev.netpoll.autoconfigure.PropertyCheck;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.health.*}: what the health contributor {@code netpoll} judges by. Boot's own {@code
 * management.health.netpoll.enabled} switches it off.
 *
 * @param stalledAfter How long a loop may be away from its sockets before the application is down.
 * @param descriptorsPercent How much of the descriptor limit may be used before the application is out
 *     of service, in percent.
 * @param readiness Whether the readiness group has the contributor netpoll as a member.
 */
@ConfigurationProperties("netpoll.health")
public record HealthProperties(
        @DefaultValue("5s") Duration stalledAfter,
        @DefaultValue("95") int descriptorsPercent,
        @DefaultValue("true") boolean readiness) {

    private static final int ALL = 100;

    public HealthProperties {
        PropertyCheck.positive("netpoll.health.stalled-after", stalledAfter);
        PropertyCheck.between(1, ALL, "netpoll.health.descriptors-percent", descriptorsPercent);
    }

    NetpollHealthIndicator.Limits limits() {
        return new NetpollHealthIndicator.Limits(stalledAfter, descriptorsPercent);
    }
}
