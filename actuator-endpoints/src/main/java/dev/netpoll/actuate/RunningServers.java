// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The application's web servers, as they come up: its own, and the management server where that has a
 * port to itself, whose events reach the parent too. Told on the starting thread, asked from any.
 */
public final class RunningServers implements ApplicationListener<WebServerInitializedEvent> {

    private final CopyOnWriteArrayList<WebServer> servers = new CopyOnWriteArrayList<>();

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        boolean main = event.getApplicationContext().getServerNamespace() == null;
        WebServer server = event.getWebServer();
        // Told again at each start of the same server.
        if (!servers.contains(server)) {
            servers.add(main ? 0 : servers.size(), server);
        }
    }

    /** The application's own server; null until it has started. */
    @Nullable WebServer main() {
        return servers.isEmpty() ? null : servers.getFirst();
    }

    /** The connectors that listen now, the application's first one first. */
    List<Connector> connectors() {
        return servers.stream().flatMap(RunningServers::connectorsOf).toList();
    }

    private static Stream<Connector> connectorsOf(WebServer server) {
        // A server that has stopped has given its connectors away.
        return server instanceof TomcatWebServer tomcat
                ? Arrays.stream(tomcat.getTomcat().getServer().findServices())
                        .flatMap(service -> Arrays.stream(service.findConnectors()))
                : Stream.empty();
    }
}
