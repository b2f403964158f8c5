// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.websocket.server.WsSci;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

/**
 * An embedded Tomcat with one connector of the protocol under test, on a port of the kernel's choosing at 127.0.0.1.
 *
 * <p>Used by the test's thread. Closing it closes its clients first.
 */
final class TestServer implements AutoCloseable {
    private final Tomcat tomcat;
    private final Connector connector;
    private final Path base;
    private final @Nullable SSLContext tls;
    private final List<RawClient> clients = new ArrayList<>();
    private boolean closed;

    /** The last one seen. Any thread. */
    private volatile int knownPort = -1;

    private TestServer(Tomcat tomcat, Connector connector, Path base, @Nullable SSLContext tls) {
        this.tls = tls;
        this.tomcat = tomcat;
        this.connector = connector;
        this.base = base;
    }

    static Builder on(String protocol) {
        return new Builder(protocol);
    }

    Tomcat tomcat() {
        return tomcat;
    }

    Connector connector() {
        return connector;
    }

    AbstractProtocol<?> protocol() {
        return (AbstractProtocol<?>) connector.getProtocolHandler();
    }

    /** Where it listens, or did: a client that comes after the stop is to be refused by the kernel. */
    int port() {
        int now = connector.getLocalPort();
        if (now > 0) {
            knownPort = now;
        }
        return knownPort;
    }

    /**
     * Whether each connection waits for bytes, and no thread of the connector's is at one: Tomcat tells of a pause those
     * that do.
     */
    boolean isAtRest() {
        try {
            Method endpoint = AbstractProtocol.class.getDeclaredMethod("getEndpoint");
            endpoint.setAccessible(true);
            return ((AbstractEndpoint<?, ?>) endpoint.invoke(protocol()))
                    .getConnections().stream()
                            .allMatch(connection -> connection.getCurrentProcessor() != null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port());
    }

    boolean running() {
        return !closed && connector.getState().isAvailable();
    }

    /** The connector's own count, as JMX shows it. */
    long connectionCount() {
        return protocol().getConnectionCount();
    }

    RawClient connect() throws IOException {
        return closedWithServer(client());
    }

    /** A client that the test closes itself. */
    RawClient client() throws IOException {
        return client(address());
    }

    /** A client of its own that connects to {@code address}, which is the server's. */
    RawClient client(InetSocketAddress address) throws IOException {
        return client(RawClient.tcp(address));
    }

    /** A client of its own with TLS of its own. */
    RawClient client(InetSocketAddress address, SSLContext context) throws IOException {
        return RawClient.tcp(address).over(context);
    }

    private RawClient client(RawClient plain) throws IOException {
        return tls == null ? plain : plain.over(tls);
    }

    /** A client whose kernel takes little ahead of the reading. */
    RawClient connectSlowReader() throws IOException {
        RawClient plain = RawClient.tcp(address(), 16 * 1024, Bounded.PATIENCE.toMillis());
        return closedWithServer(client(plain));
    }

    RawClient closedWithServer(RawClient client) {
        clients.add(client);
        return client;
    }

    /** One GET on a connection of its own. */
    RawResponse get(String target, String... headers) throws IOException {
        try (RawClient client = client()) {
            return client.get(target, headers).receive();
        }
    }

    void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    void stop() throws LifecycleException {
        if (!closed) {
            closed = true;
            try {
                tomcat.stop();
            } finally {
                tomcat.destroy();
            }
        }
    }

    @Override
    public void close() throws IOException, LifecycleException {
        try {
            closeClients();
            stop();
        } finally {
            deleteTree(base);
        }
    }

    private static void deleteTree(Path base) throws IOException {
        if (!Files.exists(base)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(base)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** What a server is made of. Settings are applied in the order of calls, before start. */
    static final class Builder {
        private static final AtomicInteger SERVLETS = new AtomicInteger();

        private final String protocol;
        private final Map<String, Handler> handlers = new LinkedHashMap<>();
        private final List<Consumer<Connector>> connectorSettings = new ArrayList<>();
        private final List<Consumer<Context>> contextSettings = new ArrayList<>();
        private Path files = Path.of("/nonexistent");
        private Consumer<TestServer> onStart = server -> {};
        private @Nullable SSLContext tls;

        private Builder(String protocol) {
            this.protocol = protocol;
        }

        /** Registers a handler for a servlet path pattern. */
        Builder handle(String pattern, Handler handler) {
            handlers.put(pattern, handler);
            return this;
        }

        /** Sets a connector property the way {@code server.xml} and Spring Boot do; one it does not know is an error. */
        Builder property(String name, Object value) {
            return connector(
                    connector -> {
                        if (!connector.setProperty(name, value.toString())) {
                            throw new AssertionError(
                                    connector.getProtocolHandlerClassName()
                                            + " knows no property "
                                            + name);
                        }
                    });
        }

        Builder connector(Consumer<Connector> setting) {
            connectorSettings.add(setting);
            return this;
        }

        Builder context(Consumer<Context> setting) {
            contextSettings.add(setting);
            return this;
        }

        /** An endpoint of Tomcat's own WebSocket implementation. */
        Builder webSocket(Class<?> endpoint) {
            return context(
                    context -> {
                        context.addServletContainerInitializer(new WsSci(), Set.of(endpoint));
                        // Endpoints are reached through a servlet's mapping only where there is one
                        // for the path.
                        Tomcat.addServlet(context, "default", new DefaultServlet());
                        context.addServletMappingDecoded("/", "default");
                    });
        }

        /** Serves this directory by Tomcat's default servlet. */
        Builder files(Path directory) {
            files = directory;
            return context(
                    context -> {
                        Tomcat.addServlet(context, "default", new DefaultServlet());
                        context.addServletMappingDecoded("/", "default");
                    });
        }

        /** Has its clients speak TLS, unless null: the connector's settings are another matter. */
        Builder clientsOver(@Nullable SSLContext context) {
            tls = context;
            return this;
        }

        /** Called with the server as soon as it runs. */
        Builder onStart(Consumer<TestServer> action) {
            onStart = action;
            return this;
        }

        TestServer start() throws IOException, LifecycleException {
            Path base = Files.createTempDirectory("netpoll");
            Tomcat tomcat = new Tomcat();
            tomcat.setBaseDir(base.toString());
            Connector connector = connector();
            tomcat.setConnector(connector);
            Context context =
                    tomcat.addContext(
                            "", Files.isDirectory(files) ? files.toString() : base.toString());
            quiet((StandardContext) context);
            handlers.forEach((pattern, handler) -> add(context, pattern, handler));
            contextSettings.forEach(setting -> setting.accept(context));
            TestServer server = new TestServer(tomcat, connector, base, tls);
            try {
                tomcat.start();
            } catch (LifecycleException | RuntimeException | Error e) {
                server.close();
                throw e;
            }
            server.knownPort = connector.getLocalPort();
            onStart.accept(server);
            return server;
        }

        /** As Spring Boot does: the searches for leaks of redeployed applications need JDK openings, and warn without. */
        private static void quiet(StandardContext context) {
            context.setClearReferencesRmiTargets(false);
            context.setClearReferencesThreadLocals(false);
        }

        private Connector connector() {
            Connector connector = new Connector(protocol);
            connector.setPort(0);
            connector.setThrowOnFailure(true);
            connector.setProperty("address", "127.0.0.1");
            connectorSettings.forEach(setting -> setting.accept(connector));
            return connector;
        }

        private static void add(Context context, String pattern, Handler handler) {
            String name = "handler-" + SERVLETS.incrementAndGet();
            Wrapper servlet = Tomcat.addServlet(context, name, new HandlerServlet(handler));
            servlet.setAsyncSupported(true);
            context.addServletMappingDecoded(pattern, name);
        }
    }

    private static final class HandlerServlet extends HttpServlet {
        private static final long serialVersionUID = 1L;

        private final transient Handler handler;

        private HandlerServlet(Handler handler) {
            this.handler = handler;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            handler.handle(request, response);
        }
    }
}
