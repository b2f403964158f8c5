// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.tomcat.NetpollHttp11Protocol;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.io.IOException;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

@ExtendWith(OutputCaptureExtension.class)
class OnTheEngineTest {

    private final WebApplicationContextRunner app = Servers.tomcat();

    @Test
    void oneDependencyAndNothingElsePutsTomcatOnTheEngine(CapturedOutput output) {
        app.run(
                context -> {
                    assertThat(Servers.protocolOf(context)).isEqualTo(Servers.EPOLL);
                    assertThat(engineOf(context).carriesThreads()).isTrue();
                    assertThat(engineOf(context).config().loops())
                            .isEqualTo(Runtime.getRuntime().availableProcessors());
                    assertThat(Servers.get(context, "/thread")).isEqualTo("virtual");
                });
        assertThat(Servers.warnings(output.toString())).isEmpty();
        assertThat(output).doesNotContain("netpoll leaves");
    }

    @Test
    void handlersRunOnVirtualThreadsWhateverBootsSwitchSays() {
        for (String enabled : new String[] {"true", "false"}) {
            app.withPropertyValues("spring.threads.virtual.enabled=" + enabled)
                    .run(
                            context ->
                                    assertThat(Servers.get(context, "/thread"))
                                            .isEqualTo("virtual"));
        }
    }

    @Test
    void bootsThreadPoolSettingsDoNoHarm() {
        app.withUserConfiguration(MeetingConfiguration.class)
                .withPropertyValues(
                        "server.tomcat.threads.max=1",
                        "server.tomcat.threads.min-spare=1",
                        "server.tomcat.threads.max-queue-capacity=1")
                .run(
                        context -> {
                            int port = Servers.serverOf(context).getPort();
                            try (var one = new RawHttp(port);
                                    var other = new RawHttp(port);
                                    var third = new RawHttp(port)) {
                                one.send("/meet");
                                other.send("/meet");
                                third.send("/meet");
                                assertThat(one.receive()).isEqualTo("met");
                                assertThat(other.receive()).isEqualTo("met");
                                assertThat(third.receive()).isEqualTo("met");
                            }
                        });
    }

    @Test
    void attributesOfTheConnectorAreSetByTheirNames() {
        app.withPropertyValues(
                        "netpoll.tomcat.attributes.tcpUserTimeout=30000",
                        "netpoll.tomcat.attributes[socket.txBufSize]=20000")
                .run(
                        context -> {
                            assertThat(Servers.protocolOf(context)).isEqualTo(Servers.EPOLL);
                            assertThat(Servers.get(context, "/thread")).isEqualTo("virtual");
                        });
    }

    @Test
    void anAttributeThatThereIsNotFailsTheStart() {
        app.withPropertyValues("netpoll.tomcat.attributes.tcpUserTimeut=30000")
                .run(
                        context ->
                                assertThat(context)
                                        .getFailure()
                                        .rootCause()
                                        .hasMessage(
                                                "'netpoll.tomcat.attributes': none is named"
                                                        + " tcpUserTimeut"));
    }

    @Test
    void aTrustedProxyNamesItsClient() {
        app.withPropertyValues("netpoll.proxy-protocol.trusted=127.0.0.0/8,::1")
                .run(
                        context -> {
                            try (var client = new RawHttp(Servers.serverOf(context).getPort())) {
                                client.raw("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n");
                                client.send("/thread");
                                assertThat(client.receive()).isEqualTo("virtual");
                            }
                        });
    }

    @Test
    void bootsConnectionSettingsReachTheConnector() {
        app.withPropertyValues(
                        "server.tomcat.connection-timeout=3s",
                        "server.tomcat.keep-alive-timeout=7s",
                        "server.tomcat.max-keep-alive-requests=2",
                        "server.tomcat.max-connections=11",
                        "server.tomcat.accept-count=13",
                        "server.max-http-request-header-size=9KB")
                .run(
                        context -> {
                            NetpollHttp11Protocol protocol = protocol(context);
                            assertThat(protocol.getConnectionTimeout()).isEqualTo(3_000);
                            assertThat(protocol.getKeepAliveTimeout()).isEqualTo(7_000);
                            assertThat(protocol.getMaxKeepAliveRequests()).isEqualTo(2);
                            assertThat(protocol.getMaxConnections()).isEqualTo(11);
                            assertThat(protocol.getAcceptCount()).isEqualTo(13);
                            assertThat(protocol.getMaxHttpRequestHeaderSize()).isEqualTo(9 * 1024);
                        });
    }

    @Test
    void aConnectionServesAnyNumberOfRequestsUnlessALimitIsAskedFor() {
        app.run(context -> assertThat(protocol(context).getMaxKeepAliveRequests()).isEqualTo(-1));
        app.withPropertyValues("server.tomcat.max-keep-alive-requests=100")
                .run(
                        context ->
                                assertThat(protocol(context).getMaxKeepAliveRequests())
                                        .isEqualTo(100));
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther() {
        app.run(
                context -> {
                    try (var http = new RawHttp(Servers.serverOf(context).getPort())) {
                        assertThat(http.get("/thread")).isEqualTo("virtual");
                        assertThat(http.get("/thread")).isEqualTo("virtual");
                    }
                });
    }

    @Test
    void loopsAndCarriersAreTakenFromTheProperties() {
        app.withPropertyValues("netpoll.loops=1", "netpoll.carriers=jdk")
                .run(
                        context -> {
                            assertThat(engineOf(context).config().loops()).isEqualTo(1);
                            assertThat(engineOf(context).carriesThreads()).isFalse();
                            assertThat(Servers.get(context, "/thread")).isEqualTo("virtual");
                        });
    }

    @Test
    void whatAConnectorCustomizerOfTheApplicationSetsStands() {
        app.withBean(TomcatConnectorCustomizer.class, () -> OnTheEngineTest::threeLoops)
                .withPropertyValues("netpoll.loops=1")
                .run(context -> assertThat(engineOf(context).config().loops()).isEqualTo(3));
    }

    private static void threeLoops(Connector connector) {
        ((NetpollHttp11Protocol) connector.getProtocolHandler()).setLoops(3);
    }

    private static NetpollHttp11Protocol protocol(ApplicationContext context) {
        return (NetpollHttp11Protocol) Servers.connectorOf(context).getProtocolHandler();
    }

    private static NetpollEngine engineOf(ApplicationContext context) {
        NetpollEngine engine = protocol(context).engine();
        assertThat(engine).isNotNull();
        return engine;
    }

    @Configuration(proxyBeanMethods = false)
    static class MeetingConfiguration {

        @Bean
        ServletRegistrationBean<MeetingServlet> meetingServlet() {
            return new ServletRegistrationBean<>(new MeetingServlet(), "/meet");
        }
    }

    /** Answers three requests only when all three are being served at once. */
    static final class MeetingServlet extends HttpServlet {

        private static final long serialVersionUID = 1;

        private final transient CyclicBarrier barrier = new CyclicBarrier(3);

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            try {
                barrier.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new ServletException(e);
            }
            response.getWriter().print("met");
        }
    }
}
