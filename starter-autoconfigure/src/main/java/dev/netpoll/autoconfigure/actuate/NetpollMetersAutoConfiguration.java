// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.MeterNaming;
import dev.netpoll.actuate.NetpollMeters;
import dev.netpoll.actuate.NetpollSources;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The engine's meters, under the naming convention the application has chosen. */
@AutoConfiguration(
        after = NetpollObserverAutoConfiguration.class,
        afterName =
                "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({NetpollSources.class, MeterRegistry.class})
@ConditionalOnNetpoll
public final class NetpollMetersAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    NetpollMeters netpollMeters(NetpollSources sources, Environment environment) {
        MeterNaming naming =
                environment.getProperty(
                        "management.observations.conventions",
                        MeterNaming.class,
                        MeterNaming.MICROMETER);
        return new NetpollMeters(sources, naming);
    }

    /** The loops are there only once the server is. */
    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollMetersOfLoops")
    ApplicationListener<ApplicationReadyEvent> netpollMetersOfLoops(NetpollMeters meters) {
        return new ApplicationListener<>() {
            @Override
            public void onApplicationEvent(ApplicationReadyEvent event) {
                meters.refresh();
            }
        };
    }
}
