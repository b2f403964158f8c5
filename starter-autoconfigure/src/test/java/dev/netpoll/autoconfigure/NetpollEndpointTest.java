// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.TestKeys;
import dev.netpoll.tomcat.EngineProbe;
import dev.netpoll.tomcat.Obstacle;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/** {@code /actuator/netpoll} over a real port, its schema and its numbers. */
class NetpollEndpointTest {

    private static final Duration BOUND = Duration.ofSeconds(20);

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void theSchemaIsWhatWasPublished() throws Exception {
        start();
        resetConnection();
        JsonNode netpoll = eventually(json -> json.path("errno").size() > 0);

        assertThat(netpoll.propertyNames())
                .containsExactly(
                        "engine",
                        "carriers",
                        "connectors",
                        "loops",
                        "connections",
                        "waiters",
                        "deadlines",
                        "errno",
                        "contexts",
                        "tasks",
                        "admission",
                        "observation");
        assertThat(netpoll.at("/connectors/0").propertyNames()).containsExactly("port", "engine");
        assertThat(netpoll.at("/loops/0").propertyNames())
                .containsExactly(
                        "id",
                        "connections",
                        "polls",
                        "events",
                        "eventsPerPoll",
                        "wakeUps",
                        "queued",
                        "slices",
                        "stolen",
                        "timers",
                        "stalls",
                        "longestStallMillis",
                        "busy",
                        "silentMillis",
                        "lagP99Millis",
                        "wakeUpP99Millis");
        assertThat(netpoll.path("connections").propertyNames())
                .containsExactly(
                        "open",
                        "active",
                        "idle",
                        "accepted",
                        "closed",
                        "acceptBackoffs",
                        "acceptBackingOff");
        assertThat(netpoll.at("/connections/closed").propertyNames())
                .containsExactly("peer", "server", "proxy", "deadline", "shutdown", "operator");
        assertThat(netpoll.path("waiters").propertyNames())
                .containsExactly(
                        "read",
                        "write",
                        "idle",
                        "oldestReadMillis",
                        "oldestWriteMillis",
                        "oldestIdleMillis");
        assertThat(netpoll.path("deadlines").propertyNames())
                .containsExactly("read", "write", "set", "moved", "expired");
        assertThat(netpoll.at("/deadlines/expired").propertyNames())
                .containsExactly(
                        "proxy", "handshake", "header", "read", "write", "keep-alive", "request");
        assertThat(netpoll.path("contexts").propertyNames())
                .containsExactly("active", "ended", "hardDeadlines", "hardCancels");
        assertThat(netpoll.at("/contexts/ended").propertyNames())
                .containsExactly(
                        "client-disconnected",
                        "deadline-exceeded",
                        "server-shutting-down",
                        "cancelled-by-code",
                        "completed");
        assertThat(netpoll.path("tasks").toString())
                .isEqualTo("{\"overdue\":{\"count\":0,\"oldest\":[]}}");
        assertThat(netpoll.at("/admission/maxConnections/0").propertyNames())
                .containsExactly("port", "max", "now");
        assertThat(netpoll.at("/errno/recv/ECONNRESET").propertyNames())
                .containsExactly("count", "last");
    }

    @Test
    void onTheEngineItSaysSoAndNeedsNoReason() throws Exception {
        start();
        JsonNode netpoll = netpoll();

        assertThat(netpoll.path("engine").asString()).isEqualTo("epoll");
        assertThat(netpoll.path("carriers").asString()).isEqualTo("loop");
        assertThat(netpoll.has("reason")).isFalse();
        assertThat(netpoll.path("connectors")).hasSize(1);
        assertThat(netpoll.at("/connectors/0/port").asInt()).isEqualTo(port());
        assertThat(netpoll.path("loops")).hasSize(Runtime.getRuntime().availableProcessors());
        assertThat(netpoll.path("errno").isEmpty()).isTrue();
    }

    @Test
    void connectionsAreCountedAsTheClientOpenedThem() throws Exception {
        start();
        try (var one = new RawHttp(port());
                var two = new RawHttp(port());
                var asking = new RawHttp(port())) {
            one.get("/thread");
            two.get("/thread");
            // A connection waits for its next request a moment before it counts as idle.
            JsonNode netpoll =
                    eventually(
                            asking,
                            json ->
                                    json.at("/waiters/idle").asInt() == 2
                                            && json.at("/connections/idle").asInt() == 2);

            assertThat(netpoll.path("connections").toString())
                    .startsWith("{\"open\":3,\"active\":1,\"idle\":2,\"accepted\":3,");
            assertThat(netpoll.path("waiters").toString())
                    .startsWith("{\"read\":0,\"write\":0,\"idle\":2,");
            assertThat(netpoll.at("/deadlines/read").asInt()).isEqualTo(2);
            assertThat(sum(netpoll, "connections")).isEqualTo(3);
        }
        eventually(json -> json.at("/connections/open").asInt() == 1);
    }

    @Test
    void aPeerThatResetsIsInTheTableOfErrnos() throws Exception {
        Instant before = Instant.now().minusMillis(1);
        start();
        resetConnection();
        resetConnection();

        JsonNode row =
                eventually(json -> json.at("/errno/recv/ECONNRESET/count").asInt() == 2)
                        .at("/errno/recv/ECONNRESET");
        assertThat(Instant.parse(row.path("last").asString())).isBetween(before, Instant.now());
    }

    @Test
    void withTheJdksSchedulerItSaysWhy() throws Exception {
        start("--netpoll.carriers=jdk");
        JsonNode netpoll = netpoll();

        assertThat(netpoll.path("engine").asString()).isEqualTo("epoll");
        assertThat(netpoll.path("carriers").asString()).isEqualTo("jdk");
        assertThat(netpoll.path("reason").asString())
                .isEqualTo("the JDK's scheduler was asked for");
    }

    @Test
    void onNioItSaysWhyAndHasNoNumbersOfAnEngine() throws Exception {
        context = ActuatorApplication.run(NoEngineApplication.class);
        JsonNode netpoll = netpoll();

        assertThat(netpoll.propertyNames())
                .containsExactly(
                        "engine",
                        "carriers",
                        "reason",
                        "connectors",
                        "loops",
                        "contexts",
                        "tasks",
                        "admission",
                        "observation");
        assertThat(netpoll.path("engine").asString()).isEqualTo("nio");
        assertThat(netpoll.path("carriers").asString()).isEqualTo("jdk");
        assertThat(netpoll.path("reason").asString())
                .isEqualTo("epoll is Linux's, and this is Plan 9");
        assertThat(netpoll.at("/connectors/0/engine").asString()).isEqualTo("nio");
        assertThat(netpoll.at("/connectors/0/reason").asString())
                .isEqualTo(netpoll.path("reason").asString());
        assertThat(netpoll.path("loops").isEmpty()).isTrue();
    }

    @Test
    void switchedOffItIsThereAndSaysSo() throws Exception {
        start("--netpoll.tomcat.enabled=false");

        assertThat(netpoll().path("reason").asString())
                .isEqualTo("netpoll.tomcat.enabled is false");
    }

    @Test
    void aProtocolTheApplicationChoseIsNamed() throws Exception {
        context = ActuatorApplication.run(Nio2Application.class);

        assertThat(netpoll().path("reason").asString())
                .isEqualTo("the application chose org.apache.coyote.http11.Http11Nio2Protocol");
    }

    @Test
    void accessIsGovernedByBootsProperty() throws Exception {
        start("--management.endpoint.netpoll.access=none");

        assertThat(RawHttp.get(port(), "/actuator/netpoll")).contains("\"status\":404");
    }

    @Test
    void theManagementServerIsOnTheEngineToo() throws Exception {
        start("--management.server.port=0");
        int management = managementPort();
        JsonNode netpoll = ActuatorApplication.netpoll(management);

        assertThat(netpoll.path("connectors").toString())
                .isEqualTo(
                        "[{\"port\":%d,\"engine\":\"epoll\"},{\"port\":%d,\"engine\":\"epoll\"}]"
                                .formatted(port(), management));
        assertThat(netpoll.path("loops"))
                .as("one engine under both")
                .hasSize(Runtime.getRuntime().availableProcessors());
        assertThat(netpoll.at("/connections/open").asInt()).isEqualTo(1);
    }

    @Test
    void bothServersHaveTlsOnTheEngine(@TempDir Path directory) throws Exception {
        var keys = TestKeys.generate(directory);
        String[] management = keys.properties("--management.server.ssl");
        String[] server = keys.properties("--server.ssl");
        start("--management.server.port=0", management[0], management[1], server[0], server[1]);
        try (var https = new RawHttp(keys.connect(managementPort()))) {
            JsonNode netpoll = ActuatorApplication.netpoll(https);

            assertThat(netpoll.path("engine").asString()).isEqualTo("epoll");
            assertThat(netpoll.at("/connectors/1/engine").asString()).isEqualTo("epoll");
        }
        try (var https = new RawHttp(keys.connect(port()))) {
            assertThat(https.get("/thread")).isEqualTo("virtual");
        }
    }

    private void start(String... properties) {
        context = ActuatorApplication.run(properties);
    }

    private int port() {
        return Servers.serverOf(context).getPort();
    }

    private int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", int.class);
    }

    private JsonNode netpoll() throws IOException {
        return ActuatorApplication.netpoll(port());
    }

    /** Leaves by RST while the connector waits for a request. */
    private void resetConnection() throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoLinger(true, 0);
        }
    }

    private JsonNode eventually(Predicate<JsonNode> condition) throws IOException {
        try (var http = new RawHttp(port())) {
            return eventually(http, condition);
        }
    }

    private static JsonNode eventually(RawHttp http, Predicate<JsonNode> condition)
            throws IOException {
        long giveUp = System.nanoTime() + BOUND.toNanos();
        JsonNode netpoll = ActuatorApplication.netpoll(http);
        while (!condition.test(netpoll)) {
            assertThat(System.nanoTime()).as("waited in vain, at %s", netpoll).isLessThan(giveUp);
            netpoll = ActuatorApplication.netpoll(http);
        }
        return netpoll;
    }

    private static int sum(JsonNode netpoll, String counter) {
        int sum = 0;
        for (JsonNode loop : netpoll.path("loops")) {
            sum += loop.path(counter).asInt();
        }
        return sum;
    }

    @Configuration(proxyBeanMethods = false)
    @Import(ActuatorApplication.class)
    static class NoEngineApplication {

        @Bean
        EngineProbe probe() {
            var obstacle =
                    new Obstacle("epoll is Linux's, and this is Plan 9", "The engine needs Linux.");
            return new FallbackTest.FixedProbe(obstacle, null);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(ActuatorApplication.class)
    static class Nio2Application {

        @Bean
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> nio2() {
            return new WebServerFactoryCustomizer<>() {
                @Override
                public void customize(TomcatServletWebServerFactory factory) {
                    factory.setProtocol("org.apache.coyote.http11.Http11Nio2Protocol");
                }
            };
        }
    }
}
