// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Puts a Tomcat that is being made on the engine, or leaves it on NIO.
 *
 * <p>After every other customizer, Boot's and the application's: only then is it known whether
 * a protocol was chosen. What Boot's do to threads and executors
 * ({@code server.tomcat.threads.*}, its virtual thread executor) is without effect on the engine.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
final class NetpollTomcatCustomizer
        implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final EngineSelection selection;
    private final ServerRole role;

    NetpollTomcatCustomizer(EngineSelection selection, ServerRole role) {
        this.selection = selection;
        this.role = role;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        selection.apply(factory, role);
    }
}
