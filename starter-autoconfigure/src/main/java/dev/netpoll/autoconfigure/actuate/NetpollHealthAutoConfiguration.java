// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollHealthIndicator;
import dev.netpoll.actuate.NetpollSources;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/** The health contributor {@code netpoll}. */
@AutoConfiguration(
        after = NetpollObserverAutoConfiguration.class,
        beforeName =
                "org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration")
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(NetpollSources.class)
@ConditionalOnEnabledHealthIndicator("netpoll")
@EnableConfigurationProperties(HealthProperties.class)
@ConditionalOnNetpoll
public final class NetpollHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    NetpollHealthIndicator netpollHealthIndicator(
            NetpollSources sources, HealthProperties properties) {
        return new NetpollHealthIndicator(sources, properties.limits());
    }
}
