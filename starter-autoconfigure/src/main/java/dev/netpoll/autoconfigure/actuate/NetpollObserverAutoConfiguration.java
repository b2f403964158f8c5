// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollEndpoint;
import dev.netpoll.actuate.NetpollSources;
import dev.netpoll.actuate.NetpollWebExtension;
import dev.netpoll.actuate.RunningServers;
import dev.netpoll.actuate.WaitHistory;
import dev.netpoll.actuate.observation.ObservationMode;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.autoconfigure.EngineSelection;
import dev.netpoll.autoconfigure.NetpollAutoConfiguration;
import dev.netpoll.autoconfigure.context.NetpollRequestContextAutoConfiguration;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.RequestContexts;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The actuator's {@code netpoll} endpoint, and what it shares with the meters and the health contributor. */
@AutoConfiguration(
        after = {NetpollAutoConfiguration.class, NetpollRequestContextAutoConfiguration.class})
@ConditionalOnClass({Endpoint.class, TomcatWebServer.class})
@ConditionalOnBean(EngineSelection.class)
@EnableConfigurationProperties(HeatmapProperties.class)
@ConditionalOnNetpoll
public final class NetpollObserverAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    RunningServers netpollRunningServers() {
        return new RunningServers();
    }

    @Bean
    @ConditionalOnMissingLocalBean
    NetpollSources netpollSources(
            RunningServers servers,
            EngineSelection selection,
            ObjectProvider<RequestContexts> contexts,
            ObjectProvider<OverdueWatch> overdue,
            ObjectProvider<AdmissionControl> admission,
            ObjectProvider<ObservationMode> observation) {
        return new NetpollSources(
                servers,
                selection::reason,
                contexts.getIfAvailable(),
                overdue.getIfAvailable(),
                admission.getIfAvailable(),
                () -> observation.stream().map(ObservationMode::toString).findFirst().orElse(null));
    }

    @Bean(initMethod = "start")
    @ConditionalOnMissingLocalBean
    WaitHistory netpollWaitHistory(NetpollSources sources, HeatmapProperties properties) {
        return new WaitHistory(sources, properties.window(), properties.windows());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
    @ConditionalOnAvailableEndpoint(NetpollEndpoint.class)
    static class EndpointConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean
        NetpollEndpoint netpollEndpoint(NetpollSources sources, WaitHistory history) {
            return new NetpollEndpoint(sources, history);
        }

        @Bean
        @ConditionalOnMissingLocalBean
        NetpollWebExtension netpollWebExtension(NetpollEndpoint endpoint) {
            return new NetpollWebExtension(endpoint);
        }
    }
}
