// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.tomcat.TomcatCompatibility;

import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.PropertyResolver;

/**
 * Lifts Tomcat's limit of 100 requests per connection unless the application sets one.
 *
 * <p>The limit comes from connectors whose kept-alive connections held a thread each. Ours hold none,
 * and a new connection costs more than all that the engine does for a request.
 *
 * <p>Right after Boot's own customizer, which writes the default like any other value: what an
 * application's customizers set stands.
 */
@Order(1) // Boot's is 0
final class KeepAliveRequests implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final PropertyResolver environment;

    KeepAliveRequests(PropertyResolver environment) {
        this.environment = environment;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        if (!environment.containsProperty("server.tomcat.max-keep-alive-requests")) {
            factory.addConnectorCustomizers(KeepAliveRequests::lift);
        }
    }

    /** Only on the engine, which is chosen after this: another connector keeps its default. */
    private static void lift(Connector connector) {
        if (TomcatCompatibility.PROTOCOL.equals(connector.getProtocolHandlerClassName())
                && connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
            protocol.setMaxKeepAliveRequests(-1); // unlimited
        }
    }
}
