// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.netpoll.context.http.apache.ApacheSockets;
import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.TestKeys;

import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Lookup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Apache's HttpClient 5 connects on the engine, by itself where Boot builds it and by the recipe of docs/properties.md. */
class HttpComponentsTest {

    private static final String APACHE = "spring.http.clients.imperative.factory=http-components";

    private static WebApplicationContextRunner application(String... properties) {
        return OutboundSocketsTest.application()
                .withConfiguration(
                        AutoConfigurations.of(
                                SslAutoConfiguration.class,
                                HttpClientAutoConfiguration.class,
                                ImperativeHttpClientAutoConfiguration.class))
                .withPropertyValues(APACHE)
                .withPropertyValues(properties);
    }

    /** As Boot builds it, with the application's settings. */
    private static RestClient client(ApplicationContext context) {
        var factory =
                context.getBean(ClientHttpRequestFactoryBuilder.class)
                        .build(context.getBean(HttpClientSettings.class));
        return RestClient.builder().requestFactory(factory).build();
    }

    private static ServerSocket listener() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static List<Integer> outboundPorts() {
        try {
            return OutboundSocketsTest.outbound().stream().map(each -> each.getPort()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a call, and returns whether its connection is the engine's. */
    private static boolean callsOnTheEngine(RestClient client, ServerSocket server, String scheme)
            throws Exception {
        CompletableFuture<String> call =
                Bounded.background(
                        () ->
                                client.get()
                                        .uri(scheme + "://localhost:" + server.getLocalPort())
                                        .retrieve()
                                        .body(String.class));
        try (Socket accepted = server.accept()) {
            accepted.getInputStream().read(); // the connection is made, and under TLS shaken hands
            boolean onTheEngine = outboundPorts().contains(server.getLocalPort());
            accepted.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(Bounded.value(call)).isEqualTo("ok");
            return onTheEngine;
        }
    }

    @Test
    void whereBootBuildsItItsConnectionsAreOnTheEngineWithoutCode() {
        application()
                .run(
                        context -> {
                            try (ServerSocket server = listener()) {
                                assertThat(callsOnTheEngine(client(context), server, "http"))
                                        .isTrue();
                            }
                        });
    }

    @Test
    void whatWaitsInItsPoolEndsWithTheApplication() throws Exception {
        try (ServerSocket server = listener()) {
            application().run(context -> callsOnTheEngine(client(context), server, "http"));
            assertThat(outboundPorts()).doesNotContain(server.getLocalPort());
        }
    }

    @Test
    void itTrustsWhatBootsBundleTrusts(@TempDir Path directory) throws Exception {
        TestKeys keys = TestKeys.generate(directory);
        application(
                        "spring.http.clients.ssl.bundle=mine",
                        "spring.ssl.bundle.jks.mine.truststore.location="
                                + keys.trustStore().toUri(),
                        "spring.ssl.bundle.jks.mine.truststore.password=" + TestKeys.PASSWORD)
                .run(
                        context -> {
                            try (ServerSocket server =
                                    keys.showing(keys)
                                            .getServerSocketFactory()
                                            .createServerSocket(
                                                    0, 1, InetAddress.getLoopbackAddress())) {
                                assertThat(callsOnTheEngine(client(context), server, "https"))
                                        .isTrue();
                            }
                        });
    }

    @Test
    void itHasBootsTimeOuts() {
        application("spring.http.clients.read-timeout=100ms")
                .run(
                        context -> {
                            try (ServerSocket server = listener()) {
                                String uri = "http://localhost:" + server.getLocalPort();
                                assertThatExceptionOfType(ResourceAccessException.class)
                                        .isThrownBy(
                                                () ->
                                                        client(context)
                                                                .get()
                                                                .uri(uri)
                                                                .retrieve()
                                                                .toBodilessEntity())
                                        .withRootCauseInstanceOf(SocketTimeoutException.class);
                            }
                        });
    }

    @Test
    void withOutboundOffItHasTheJdksSockets() {
        application("netpoll.outbound=off")
                .run(
                        context -> {
                            assertThat(context).doesNotHaveBean(ApacheSockets.class);
                            try (ServerSocket server = listener()) {
                                assertThat(callsOnTheEngine(client(context), server, "http"))
                                        .isFalse();
                            }
                        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnConnections {

        private final PoolingHttpClientConnectionManager connections =
                new PoolingHttpClientConnectionManager();

        @Bean
        ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder>
                own() {
            return apache ->
                    apache.withHttpClientCustomizer(
                            client -> client.setConnectionManager(connections));
        }
    }

    @Test
    void connectionsThatTheApplicationSetsStand() {
        application()
                .withUserConfiguration(OwnConnections.class)
                .run(
                        context -> {
                            try (ServerSocket server = listener()) {
                                assertThat(callsOnTheEngine(client(context), server, "http"))
                                        .isFalse();
                            }
                        });
    }

    // ---- one that the application builds

    private static ClientHttpRequestFactoryBuilder<?> recipe() {
        return ClientHttpRequestFactoryBuilder.httpComponents()
                .withHttpClientCustomizer(client -> client.setConnectionManager(onTheLoops()));
    }

    private static HttpClientConnectionManager onTheLoops() {
        TlsSocketStrategy https = DefaultClientTlsStrategy.createSystemDefault();
        Lookup<TlsSocketStrategy> tls = scheme -> "https".equals(scheme) ? https : null;
        return new PoolingHttpClientConnectionManager(
                new DefaultHttpClientConnectionOperator(
                        _ -> new NetpollSocketFactory().createSocket(), null, null, tls),
                null,
                null,
                null,
                null);
    }

    @Test
    void byTheRecipeItsConnectionsAreOnTheEngine() {
        OutboundSocketsTest.application()
                .run(
                        _ -> {
                            RestClient client =
                                    RestClient.builder().requestFactory(recipe().build()).build();
                            try (ServerSocket server = listener()) {
                                assertThat(callsOnTheEngine(client, server, "http")).isTrue();
                            }
                        });
    }
}
