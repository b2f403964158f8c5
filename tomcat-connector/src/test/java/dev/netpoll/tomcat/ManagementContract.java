// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What operators see over JMX and set by attributes, under the names that dashboards, Micrometer's Tomcat meters and
 * {@code server.tomcat.*} use.
 */
abstract class ManagementContract extends ServerContract {
    private static final MBeanServer MBEANS = ManagementFactory.getPlatformMBeanServer();

    @Test
    void theThreadPoolBeanCountsConnections() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestServer server =
                helloServer()
                        .property("maxConnections", 1234)
                        .property("acceptCount", 56)
                        .handle(
                                "/work",
                                (request, response) -> {
                                    working.countDown();
                                    Bounded.await(done);
                                    text(response, "worked");
                                })
                        .start();
        RawClient idle = server.connect().get("/hello");
        idle.receive();
        RawClient busy = server.connect().get("/work");
        Bounded.await(working);

        ObjectName pool = bean("ThreadPool", server);
        Bounded.until(
                () -> number(pool, "connectionCount") - subject().connectionsWhenIdle() == 2,
                () -> number(pool, "connectionCount"));
        assertThat(number(pool, "maxConnections")).isEqualTo(1234);
        assertThat(number(pool, "acceptCount")).isEqualTo(56);
        assertThat(number(pool, "localPort")).isEqualTo(server.port());
        assertThat(MBEANS.getAttribute(pool, "running")).isEqualTo(true);
        assertThat(MBEANS.getAttribute(pool, "paused")).isEqualTo(false);

        done.countDown();
        assertThat(busy.receive().text()).isEqualTo("worked");
        server.closeClients();
        Bounded.until(
                () -> number(pool, "connectionCount") == subject().connectionsWhenIdle(),
                () -> number(pool, "connectionCount"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "currentThreadCount",
                "currentThreadsBusy",
                "maxThreads",
                "keepAliveCount",
                "connectionCount"
            })
    void theThreadPoolBeanHasWhatMetersRead(String attribute) throws Exception {
        TestServer server = helloServer().start();

        assertThat(MBEANS.getAttribute(bean("ThreadPool", server), attribute))
                .isInstanceOf(Number.class);
    }

    @Test
    void thePausedServerSaysSo() throws Exception {
        TestServer server = helloServer().start();
        ObjectName pool = bean("ThreadPool", server);

        server.connector().pause();
        assertThat(MBEANS.getAttribute(pool, "paused")).isEqualTo(true);
        server.connector().resume();
        assertThat(MBEANS.getAttribute(pool, "paused")).isEqualTo(false);
    }

    @Test
    void theRequestProcessorBeanCountsRequestsBytesAndErrors() throws Exception {
        TestServer server =
                helloServer()
                        .handle(
                                "/read",
                                (request, response) -> {
                                    request.getInputStream().readAllBytes();
                                    text(response, "ok");
                                })
                        .handle(
                                "/error",
                                (request, response) ->
                                        response.setStatus(HttpServletResponse.SC_NOT_FOUND))
                        .start();
        RawClient client = server.connect();
        for (int i = 0; i < 10; i++) {
            client.get("/hello").receive();
        }
        client.request("POST", "/read", "Content-Length: 1000").send(Payload.bytes(1000));
        client.receive();
        client.get("/error").receive();

        ObjectName requests = bean("GlobalRequestProcessor", server);
        // Tomcat counts the error after the request, and both after the answer.
        Bounded.until(
                () -> number(requests, "requestCount") == 12 && number(requests, "errorCount") == 1,
                () -> number(requests, "requestCount") + " " + number(requests, "errorCount"));
        assertThat(number(requests, "bytesSent")).isEqualTo(10 * 5 + 2);
        assertThat(number(requests, "bytesReceived")).isEqualTo(1000);
        assertThat(number(requests, "processingTime")).isNotNegative();
        assertThat(number(requests, "maxTime")).isNotNegative();
    }

    @Test
    void theRequestProcessorBeanRemembersEndedConnections() throws Exception {
        TestServer server = helloServer().start();
        for (int i = 0; i < 20; i++) {
            server.get("/hello");
        }

        ObjectName requests = bean("GlobalRequestProcessor", server);
        Bounded.until(
                () -> number(requests, "requestCount") == 20,
                () -> number(requests, "requestCount"));
        assertThat(number(requests, "bytesSent")).isEqualTo(100);
    }

    @Test
    void theBeansGoWithTheServer() throws Exception {
        TestServer server = helloServer().start();
        server.get("/hello");
        ObjectName pool = bean("ThreadPool", server);
        ObjectName requests = bean("GlobalRequestProcessor", server);
        ObjectName sockets = bean("SocketProperties", server);
        ObjectName protocol = bean("ProtocolHandler", server);

        server.close();

        assertThat(MBEANS.isRegistered(pool)).isFalse();
        assertThat(MBEANS.isRegistered(requests)).isFalse();
        assertThat(MBEANS.isRegistered(sockets)).isFalse();
        assertThat(MBEANS.isRegistered(protocol)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "maxConnections,4321",
        "acceptCount,17",
        "connectionTimeout,1234",
        "keepAliveTimeout,2345",
        "maxKeepAliveRequests,7",
        "maxThreads,33",
        "minSpareThreads,3",
        "tcpNoDelay,false",
        "connectionLinger,5",
        "processorCache,44",
        "maxHttpRequestHeaderSize,16384",
        "maxHttpResponseHeaderSize,16384",
        "maxSwallowSize,12345",
        "maxHeaderCount,55",
        "connectionUploadTimeout,3456",
        "disableUploadTimeout,false",
        "compression,on",
        "compressionMinSize,777",
        "useKeepAliveResponseHeader,false",
        "relaxedPathChars,<",
        "relaxedQueryChars,<",
        "server,somebody",
        "socket.soKeepAlive,true",
        "socket.txBufSize,65536",
        "socket.rxBufSize,65536",
        "socket.tcpNoDelay,true",
        "socket.soReuseAddress,true",
        "socket.appReadBufSize,4096",
        "socket.appWriteBufSize,4096",
        "socket.directBuffer,true",
    })
    void attributesAreTakenAndKept(String name, String value) throws Exception {
        TestServer server = helloServer().property(name, value).start();

        assertThat(String.valueOf(server.connector().getProperty(name))).isEqualTo(value);
        RawClient client = server.connect();
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void unknownAttributesAreRefused() throws Exception {
        TestServer server = helloServer().start();

        assertThat(server.connector().setProperty("noSuchAttribute", "1")).isFalse();
    }

    @Test
    void theServerHeaderCanBeSet() throws Exception {
        TestServer server = helloServer().property("server", "somebody").start();

        assertThat(server.get("/hello").header("Server")).isEqualTo("somebody");
    }

    @Test
    void aLingerOfZeroResetsWhatIsClosed() throws Exception {
        TestServer server = helloServer().property("connectionLinger", 0).start();

        RawClient client = server.connect().get("/hello", "Connection: close");

        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.awaitEnd().reset()).isTrue();
    }

    /** The connector's bean: named after its endpoint, which is the protocol's name without the bound port. */
    private static ObjectName bean(String type, TestServer server) throws JMException {
        String quotedName = server.protocol().getName().replace("-" + server.port() + "\"", "\"");
        String pattern =
                type.equals("ProtocolHandler")
                        ? "port=auto-" + server.protocol().getNameIndex()
                        : "name=" + quotedName;
        Set<ObjectName> names =
                MBEANS.queryNames(
                        new ObjectName("Tomcat:type=" + type + "," + pattern + ",*"), null);
        assertThat(names).as(type + " of " + quotedName).hasSize(1);
        return names.iterator().next();
    }

    private static long number(ObjectName bean, String attribute) {
        try {
            return ((Number) MBEANS.getAttribute(bean, attribute)).longValue();
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }
}
