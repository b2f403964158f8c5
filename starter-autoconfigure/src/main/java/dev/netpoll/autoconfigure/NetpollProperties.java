// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.engine.io.CarrierMode;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * {@code netpoll.*}, without what Boot has a property for: connection, keep-alive and body timeouts, connection limits and header
 * sizes stay {@code server.tomcat.*} and {@code server.*}. Groups with a matter of their own are records of their own.
 *
 * @param enabled Whether netpoll is there at all: the engine under the embedded Tomcat, contexts, and what
 *     goes by them.
 * @param loops Number of event loops; 0 for one per processor.
 * @param carriers Who runs the virtual threads of the handlers: the event loops, the JDK's scheduler,
 *     or the loops wherever the JVM allows it.
 * @param outbound Which outbound sockets are on the event loops: those of database drivers and of
 *     Apache's HttpClient, all of the JVM, or none.
 * @param observation The observation of the server's requests.
 * @param joinedFilters Spring Boot's filters as one.
 * @param tomcat The embedded Tomcat.
 * @param proxyProtocol The PROXY protocol of load balancers.
 */
@ConfigurationProperties("netpoll")
public record NetpollProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("0") int loops,
        @DefaultValue("auto") CarrierMode carriers,
        @DefaultValue("drivers") Outbound outbound,
        @DefaultValue Observation observation,
        @DefaultValue JoinedFilters joinedFilters,
        @DefaultValue Tomcat tomcat,
        @DefaultValue ProxyProtocol proxyProtocol) {

    public NetpollProperties {
        PropertyCheck.between(0, 1024, "netpoll.loops", loops);
    }

    /**
     * {@code netpoll.tomcat.*}.
     *
     * @param enabled Whether the embedded Tomcat runs on the netpoll engine; Tomcat's NIO connector, with contexts, if not.
     * @param fallback What happens where the engine cannot run: Tomcat's NIO connector with a warning, or a failed start.
     * @param attributes Attributes of the engine's connector by their names, Tomcat's and ours; an unknown one fails the start.
     */
    public record Tomcat(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("nio") Fallback fallback,
            @DefaultValue Map<String, String> attributes) {}

    /**
     * {@code netpoll.proxy-protocol.*}.
     *
     * @param trusted Addresses of proxies, and blocks of addresses by their prefix, whose connections begin with a PROXY header that
     *     names their client; none by default.
     * @param timeout How long such a header may take.
     */
    public record ProxyProtocol(
            @DefaultValue List<String> trusted, @DefaultValue("5s") Duration timeout) {}

    /**
     * {@code netpoll.observation.*}.
     *
     * @param enabled Whether requests are observed by netpoll where that gives the same meters and spans as
     *     Spring's filter.
     */
    public record Observation(@DefaultValue("true") boolean enabled) {}

    /**
     * {@code netpoll.joined-filters.*}.
     *
     * @param enabled Whether Spring Boot's filters for encoding, form content and request context run as one where nothing but
     *     netpoll's observation of requests stands between them.
     */
    public record JoinedFilters(@DefaultValue("true") boolean enabled) {}

    /** Whose outbound sockets are on the event loops. */
    public enum Outbound {
        /**
         * Those of the JDBC drivers of PostgreSQL, MariaDB and MySQL, in pooled data sources, and of Apache's HttpClient.
         */
        DRIVERS,
        /** Every java.net.Socket of the JVM. */
        ALL,
        /** None: every client's socket is the JDK's. */
        OFF
    }

    /** What happens where the engine cannot run. */
    public enum Fallback {
        /** Tomcat's NIO connector serves, and a warning says why. */
        NIO,
        /** The application does not start, and the failure analysis says why. */
        FAIL
    }
}
