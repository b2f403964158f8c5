// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.actuate.OtherServers;
import dev.netpoll.context.http.apache.ApacheSockets;
import dev.netpoll.context.jdbc.spring.DriverSocketFactoryPostProcessor;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.tomcat.EngineProbe;

import org.apache.catalina.startup.Tomcat;
import org.apache.commons.logging.LogFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Puts the embedded Tomcat of a servlet application on the netpoll engine. */
@AutoConfiguration(
        beforeName =
                "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration")
@ConditionalOnWebApplication
@EnableConfigurationProperties(NetpollProperties.class)
@ConditionalOnNetpoll
public final class NetpollAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    @ConditionalOnClass({Tomcat.class, TomcatServletWebServerFactory.class})
    @ConditionalOnNotWarDeployment
    static class TomcatConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean
        EngineProbe netpollEngineProbe() {
            return EngineProbe.ofThisJvm();
        }

        @Bean
        @ConditionalOnMissingLocalBean
        EngineSelection netpollEngineSelection(NetpollProperties properties, EngineProbe probe) {
            return new EngineSelection(properties, probe);
        }

        @Bean
        @ConditionalOnMissingLocalBean
        NetpollTomcatCustomizer netpollTomcatCustomizer(EngineSelection selection) {
            return new NetpollTomcatCustomizer(selection, ServerRole.APPLICATION);
        }

        @Bean
        @ConditionalOnMissingLocalBean
        KeepAliveRequests netpollKeepAliveRequests(Environment environment) {
            return new KeepAliveRequests(environment);
        }

        /** Where Tomcat is on the engine, what its handlers wait for is, too. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnBooleanProperty(name = "netpoll.tomcat.enabled", matchIfMissing = true)
        @ConditionalOnExpression("!{'off', 'false'}.contains('${netpoll.outbound:}'.toLowerCase())")
        static class OutboundConfiguration {

            @Bean
            @ConditionalOnMissingLocalBean
            static DriverSocketFactoryPostProcessor netpollDriverSocketFactory(
                    Environment environment, ObjectProvider<EngineSelection> selection) {
                return new DriverSocketFactoryPostProcessor(
                        NetpollSocketFactory.class,
                        "all".equalsIgnoreCase(environment.getProperty("netpoll.outbound")),
                        () -> selection.getObject().holdEngine(),
                        NetpollEngine.sharedThreadFactory());
            }

            @Configuration(proxyBeanMethods = false)
            @ConditionalOnClass({
                HttpComponentsClientHttpRequestFactoryBuilder.class,
                ClientHttpRequestFactoryBuilderCustomizer.class,
                PoolingHttpClientConnectionManagerBuilder.class
            })
            static class ApacheConfiguration {

                @Bean
                @ConditionalOnMissingLocalBean
                ApacheSockets netpollApacheSockets() {
                    return new ApacheSockets(new NetpollSocketFactory());
                }

                /** Before the application's: connections that one of those sets stand. */
                @Bean
                @ConditionalOnMissingLocalBean(name = "netpollApacheClients")
                @Order(Ordered.HIGHEST_PRECEDENCE)
                ClientHttpRequestFactoryBuilderCustomizer<
                                HttpComponentsClientHttpRequestFactoryBuilder>
                        netpollApacheClients(ApacheSockets sockets) {
                    return apache ->
                            apache.withConnectionManagerCustomizer(sockets::connections)
                                    .withHttpClientCustomizer(sockets::client);
                }
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWarDeployment
    @ConditionalOnBooleanProperty(name = "netpoll.tomcat.enabled", matchIfMissing = true)
    static class WarConfiguration {

        WarConfiguration() {
            LogFactory.getLog(NetpollAutoConfiguration.class)
                    .warn(
                            "netpoll's engine serves Boot's embedded Tomcat, and this application"
                                + " is a WAR in a server of its own, which serves it. Start it as a"
                                + " jar to have the engine; 'netpoll.tomcat.enabled=false' silences"
                                + " this line");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(WebServerInitializedEvent.class)
    @ConditionalOnNotWarDeployment
    @ConditionalOnBooleanProperty(name = "netpoll.tomcat.enabled", matchIfMissing = true)
    static class OtherServersConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollOtherServletServers")
        @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
        ApplicationListener<WebServerInitializedEvent> netpollOtherServletServers() {
            return new OtherServers(false);
        }

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollOtherReactiveServers")
        @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
        ApplicationListener<WebServerInitializedEvent> netpollOtherReactiveServers() {
            return new OtherServers(true);
        }
    }
}
