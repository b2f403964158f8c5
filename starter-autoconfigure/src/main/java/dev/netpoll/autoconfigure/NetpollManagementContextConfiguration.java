// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.apache.catalina.startup.Tomcat;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;

/**
 * The management server on a port of its own. Its factory stands in a child context, and Boot applies
 * to a factory only the customizers of the same context.
 */
@ConditionalOnClass({Tomcat.class, TomcatServletWebServerFactory.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnNetpoll
final class NetpollManagementContextConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    NetpollTomcatCustomizer netpollManagementTomcatCustomizer(EngineSelection selection) {
        return new NetpollTomcatCustomizer(selection, ServerRole.MANAGEMENT);
    }
}
