// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.actuate.NetpollDescriptor.AdmissionDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.ConnectorDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.MaxConnectionsDescriptor;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.tomcat.NetpollHttp11Protocol;
import dev.netpoll.web.AdmissionControl;

import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The actuator endpoint {@code netpoll}: which connector serves and what carries the virtual threads, with
 * the reason where it is not the engine; then loops, connections, waiters and failed system calls.
 *
 * <p>Runs on whatever thread the actuator asks on. Takes no lock of a loop and stops none.
 */
@Endpoint(id = "netpoll", defaultAccess = Access.READ_ONLY)
public final class NetpollEndpoint {

    private static final String EPOLL = "epoll";
    private static final String NIO = "nio";
    private static final String LOOP = "loop";
    private static final String JDK = "jdk";

    private static final String CONNECTIONS = "connections";
    private static final String CONTEXTS = "contexts";

    private final NetpollSources sources;
    private final WaitHistory history;

    /**
     * @param sources what there is to be seen
     * @param history what the heatmap is drawn from
     */
    public NetpollEndpoint(NetpollSources sources, WaitHistory history) {
        this.sources = sources;
        this.history = history;
    }

    @ReadOperation
    public NetpollDescriptor netpoll() {
        List<Connector> connectors = sources.servers().connectors();
        List<NetpollHttp11Protocol> protocols = sources.protocols();
        List<ConnectorDescriptor> described = connectors.stream().map(this::describe).toList();
        if (protocols.isEmpty()) {
            return onNio(connectors, described);
        }
        NetpollEngine engine = mainEngine(connectors, protocols);
        EngineTotals totals = EngineTotals.of(protocols);
        String why = described.getFirst().reason();
        return new NetpollDescriptor(
                described.getFirst().engine(),
                engine != null && engine.carriesThreads() ? LOOP : JDK,
                why != null ? why : whyNotCarrying(engine),
                described,
                totals.loops(),
                totals.connections(),
                totals.waiters(),
                totals.deadlines(ContextTotals.expired(sources.contexts())),
                totals.errno(),
                ContextTotals.contexts(sources.contexts()),
                ContextTotals.tasks(sources.overdue()),
                admission(connectors),
                sources.observation().get());
    }

    /**
     * A part of it.
     *
     * @param section {@code connections}, {@code loops} or {@code heatmap}
     * @param state of connections: only those in that state
     * @param limit of connections: at most so many
     */
    @ReadOperation
    public @Nullable OperationResponseBody section(
            @Selector String section, @Nullable String state, @Nullable Integer limit) {
        return switch (section) {
            case CONNECTIONS -> ConnectionsReport.of(sources.protocols(), state, limit);
            case "loops" -> new LoopsReport(sources.totals().loops());
            case "heatmap" -> Heatmap.of(history.windows());
            default -> null;
        };
    }

    /**
     * Ends something: a connection with its request ({@code connections}), or only the request under way
     * on a connection ({@code contexts}). Not there unless Boot's access rules say so.
     *
     * @param section {@code connections} or {@code contexts}
     * @param id the connection's
     * @return what was ended
     */
    @DeleteOperation
    public Map<String, String> end(@Selector String section, @Selector String id) {
        boolean ended =
                switch (section) {
                    case CONNECTIONS ->
                            sources.protocols().stream().anyMatch(each -> each.closeConnection(id));
                    case CONTEXTS ->
                            sources.protocols().stream().anyMatch(each -> each.cancelRequest(id));
                    default -> false;
                };
        if (!ended) {
            throw new InvalidEndpointRequestException(
                    "there is nothing to end at " + section + "/" + id, "Nothing to end");
        }
        return Map.of(CONNECTIONS.equals(section) ? "closed" : "cancelled", id);
    }

    /**
     * Has every change of a connection's state logged, or no longer: in the category {@code
     * dev.netpoll.connection}, at INFO. Not there unless Boot's access rules say so.
     *
     * @param section {@code connections}
     * @param id the connection's
     * @param trace whether it is to be logged
     * @return its id and whether it is
     */
    @WriteOperation
    public Map<String, Object> trace(@Selector String section, @Selector String id, boolean trace) {
        boolean found =
                CONNECTIONS.equals(section)
                        && sources.protocols().stream()
                                .anyMatch(each -> each.traceConnection(id, trace));
        if (!found) {
            throw new InvalidEndpointRequestException(
                    "there is nothing to trace at " + section + "/" + id, "Nothing to trace");
        }
        return Map.of("id", id, "trace", trace);
    }

    private AdmissionDescriptor admission(List<Connector> connectors) {
        AdmissionControl admission = sources.admission();
        return new AdmissionDescriptor(
                connectors.stream().flatMap(NetpollEndpoint::maxConnections).toList(),
                admission == null ? null : AdmissionReport.of(admission));
    }

    private static Stream<MaxConnectionsDescriptor> maxConnections(Connector connector) {
        return connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol
                ? Stream.of(
                        new MaxConnectionsDescriptor(
                                connector.getLocalPort(),
                                protocol.getMaxConnections(),
                                protocol.getConnectionCount()))
                : Stream.empty();
    }

    private NetpollDescriptor onNio(
            List<Connector> connectors, List<ConnectorDescriptor> described) {
        String reason = described.isEmpty() ? whyNoConnector() : described.getFirst().reason();
        return new NetpollDescriptor(
                NIO,
                JDK,
                reason,
                described,
                List.of(),
                null,
                null,
                null,
                null,
                ContextTotals.contexts(sources.contexts()),
                ContextTotals.tasks(sources.overdue()),
                admission(connectors),
                sources.observation().get());
    }

    private String whyNoConnector() {
        WebServer server = sources.servers().main();
        if (server == null || server instanceof TomcatWebServer) {
            return "no connector is listening";
        }
        return "the web server is not Tomcat but " + server.getClass().getSimpleName();
    }

    /** The engine under the application's first connector, which the summary is about. */
    private static @Nullable NetpollEngine mainEngine(
            List<Connector> connectors, List<NetpollHttp11Protocol> protocols) {
        return connectors.getFirst().getProtocolHandler() == protocols.getFirst()
                ? protocols.getFirst().engine()
                : null;
    }

    private static @Nullable String whyNotCarrying(@Nullable NetpollEngine engine) {
        if (engine == null || engine.carriesThreads()) {
            return null;
        }
        return engine.config().carriers() == CarrierMode.JDK
                ? "the JDK's scheduler was asked for"
                : NetpollEngine.obstacleToCarrying();
    }

    private ConnectorDescriptor describe(Connector connector) {
        boolean ours = connector.getProtocolHandler() instanceof NetpollHttp11Protocol;
        return new ConnectorDescriptor(
                connector.getLocalPort(), ours ? EPOLL : NIO, ours ? null : whyNot(connector));
    }

    private String whyNot(Connector connector) {
        String reason = sources.reasons().apply(connector);
        return reason != null
                ? reason
                : "the application chose " + connector.getProtocolHandlerClassName();
    }
}
