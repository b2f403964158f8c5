// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.NetpollSocketFactory;
import dev.netpoll.testsupport.Bounded;

import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Lookup;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.web.client.RestClient;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The recipe of docs/properties.md for Apache's HttpClient where only drivers' sockets are on the loops. */
class HttpComponentsRecipeTest {

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
    void itsConnectionsAreOnTheEngine() {
        OutboundSocketsTest.application()
                .run(
                        context -> {
                            assertThat(context.getSourceApplicationContext())
                                    .isInstanceOf(
                                            AnnotationConfigServletWebServerApplicationContext
                                                    .class);
                            call();
                        });
    }

    private static List<Integer> outboundPorts() {
        try {
            return OutboundSocketsTest.outbound().stream().map(each -> each.getPort()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void call() throws Exception {
        RestClient client = RestClient.builder().requestFactory(recipe().build()).build();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<String> call =
                    Bounded.background(
                            () ->
                                    client.get()
                                            .uri("http://localhost:" + server.getLocalPort())
                                            .retrieve()
                                            .body(String.class));
            try (Socket accepted = server.accept()) {
                List<Integer> peer = List.of(server.getLocalPort());
                Bounded.untilEqual(peer, HttpComponentsRecipeTest::outboundPorts);
                accepted.getOutputStream()
                        .write(
                                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                                        .getBytes(StandardCharsets.US_ASCII));
                assertThat(Bounded.value(call)).isEqualTo("ok");
            }
        }
    }
}
