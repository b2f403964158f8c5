// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;

import java.util.Set;

@Configuration(proxyBeanMethods = false)
@EnableWebSocket
class WebSocketConfiguration implements WebSocketConfigurer {

    @Override
    public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
        registry.addHandler(new EchoSocket(), "/ws/echo");
    }

    /**
     * Gives the embedded Tomcat its WebSocket container, as Boot's own module for it would; it may
     * go when {@code spring-boot-starter-websocket} is complete in every registry we build against.
     */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> webSocketContainer() {
        return factory ->
                factory.addContextCustomizers(
                        context -> context.addServletContainerInitializer(new WsSci(), Set.of()));
    }
}
