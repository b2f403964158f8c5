// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.tomcat.ContextValve;
import dev.netpoll.web.RequestContexts;

import org.apache.catalina.Valve;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the {@link ContextValve} the first of the engine's, whatever connector serves. After every
 * other customizer, so that it stays the first.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
final class ContextValveCustomizer
        implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final RequestContexts contexts;
    private final boolean queryStrings;

    ContextValveCustomizer(RequestContexts contexts, boolean queryStrings) {
        this.contexts = contexts;
        this.queryStrings = queryStrings;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        List<Valve> valves = new ArrayList<>();
        valves.add(new ContextValve(contexts, queryStrings));
        valves.addAll(factory.getEngineValves());
        factory.setEngineValves(valves);
    }
}
