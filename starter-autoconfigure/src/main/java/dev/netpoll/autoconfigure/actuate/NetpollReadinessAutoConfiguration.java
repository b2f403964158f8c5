// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollHealthIndicator;
import dev.netpoll.actuate.ReadinessGroup;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.context.annotation.Bean;

/**
 * Puts the health contributor {@code netpoll} into the readiness group. After Boot has made that group:
 * its post-processor and ours have the same order, so the one that is registered later comes later.
 */
@AutoConfiguration(
        after = NetpollHealthAutoConfiguration.class,
        afterName =
                "org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration")
@ConditionalOnClass(HealthEndpointGroups.class)
@ConditionalOnBean(NetpollHealthIndicator.class)
@ConditionalOnBooleanProperty(name = "netpoll.health.readiness", matchIfMissing = true)
@ConditionalOnNetpoll
public final class NetpollReadinessAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    static ReadinessGroup netpollReadinessGroup() {
        return new ReadinessGroup();
    }
}
