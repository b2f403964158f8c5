// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.TestKeys;

import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/** An application that speaks HTTP/2, on the engine. */
class Http2Test {

    private ConfigurableApplicationContext application;

    @AfterEach
    void stop() {
        application.close();
    }

    @Test
    void withoutTlsItIsServedByTheEngine() throws Exception {
        application = ActuatorApplication.run("--server.http2.enabled=true");
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(get(client, "http", "/thread")).isEqualTo("virtual");
            JsonNode row = firstConnection(client, "http");
            assertThat(row.path("protocol").asString()).isEqualTo("h2c");
            assertThat(row.path("streams").asInt()).isEqualTo(1);
            assertThat(row.path("request").asString())
                    .isEqualTo("GET /actuator/netpoll/connections");
        }
    }

    @Test
    void overTlsItIsServedByTheEngine(@TempDir Path directory) throws Exception {
        TestKeys keys = TestKeys.generate(directory);
        String[] ssl = keys.properties("--server.ssl");
        application = ActuatorApplication.run("--server.http2.enabled=true", ssl[0], ssl[1]);
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(TestKeys.trusting(keys)).build()) {
            assertThat(get(client, "https", "/thread")).isEqualTo("virtual");
            JsonNode row = firstConnection(client, "https");
            assertThat(row.path("protocol").asString()).isEqualTo("h2");
            assertThat(row.path("tls").asString()).startsWith("TLSv1.3 ");
            assertThat(row.path("streams").asInt()).isEqualTo(1);
            assertThat(row.path("request").asString())
                    .isEqualTo("GET /actuator/netpoll/connections");
        }
    }

    @Test
    void switchedOnInCodeItIsServedAsWell() throws Exception {
        application = ActuatorApplication.run(InCode.class);
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(get(client, "http", "/thread")).isEqualTo("virtual");
        }
    }

    private JsonNode firstConnection(HttpClient client, String scheme) throws Exception {
        String table = get(client, scheme, "/actuator/netpoll/connections");
        return new JsonMapper().readTree(table).at("/connections/0");
    }

    private String get(HttpClient client, String scheme, String path) throws Exception {
        int port = Servers.serverOf(application).getPort();
        URI uri = URI.create(scheme + "://localhost:" + port + path);
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        return response.body();
    }

    @Configuration(proxyBeanMethods = false)
    @Import(ActuatorApplication.class)
    static class InCode {

        @Bean
        TomcatConnectorCustomizer http2() {
            return connector -> connector.addUpgradeProtocol(new Http2Protocol());
        }
    }
}
