// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.NetpollEndpoint;
import dev.netpoll.actuate.NetpollSources;
import dev.netpoll.actuate.NetpollWebExtension;
import dev.netpoll.actuate.WaitHistory;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.context.annotation.Bean;

/** The actuator's {@code netpoll} endpoint. */
@AutoConfiguration(after = NetpollObserverAutoConfiguration.class)
@ConditionalOnClass({ConditionalOnAvailableEndpoint.class, TomcatWebServer.class})
@ConditionalOnAvailableEndpoint(NetpollEndpoint.class)
@ConditionalOnBean(NetpollSources.class)
@ConditionalOnNetpoll
public final class NetpollEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    NetpollEndpoint netpollEndpoint(NetpollSources sources, WaitHistory history) {
        return new NetpollEndpoint(sources, history);
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    NetpollWebExtension netpollWebExtension(NetpollEndpoint endpoint) {
        return new NetpollWebExtension(endpoint);
    }
}
