// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.Arrays;
import java.util.Objects;

/** The contributor {@code netpoll} where Boot shows health, and in the readiness group. */
class HealthTest {

    private static final JsonMapper JSON = new JsonMapper();

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void itIsUpAndSaysWhatItLookedAt() throws Exception {
        start();
        JsonNode netpoll = health("").at("/components/netpoll");

        assertThat(netpoll.path("status").asString()).isEqualTo("UP");
        assertThat(netpoll.at("/details/engine").asString()).isEqualTo("epoll");
        assertThat(netpoll.at("/details/descriptors")).hasSize(2);
        assertThat(netpoll.at("/details/descriptors/0").asInt()).isPositive();
    }

    @Test
    void theReadinessGroupHasIt() throws Exception {
        start();
        assertThat(group("readiness").isMember("netpoll")).isTrue();
        assertThat(group("liveness").isMember("netpoll")).isFalse();
        assertThat(health("/readiness").path("status").asString()).isEqualTo("UP");
    }

    @Test
    void aReadinessGroupOfTheApplicationsOwnHasItToo() throws Exception {
        start(
                "--management.endpoint.health.group.readiness.include=readinessState",
                "--management.endpoint.health.group.readiness.show-components=always");
        assertThat(health("/readiness").path("components").propertyNames())
                .containsExactlyInAnyOrder("netpoll", "readinessState");
    }

    @Test
    void theReadinessGroupHasItNotWhereThePropertySaysSo() {
        start("--netpoll.health.readiness=false");
        assertThat(group("readiness").isMember("netpoll")).isFalse();
    }

    @Test
    void bootsPropertySwitchesItOff() throws Exception {
        start("--management.health.netpoll.enabled=false");
        assertThat(health("").path("components").propertyNames()).doesNotContain("netpoll");
    }

    private void start(String... properties) {
        String[] all = Arrays.copyOf(properties, properties.length + 2);
        all[properties.length] = "--management.endpoint.health.show-details=always";
        all[properties.length + 1] = "--management.endpoint.health.show-components=always";
        context = ObservedApplication.run(all);
    }

    private HealthEndpointGroup group(String name) {
        return Objects.requireNonNull(context.getBean(HealthEndpointGroups.class).get(name));
    }

    private JsonNode health(String path) throws Exception {
        return JSON.readTree(
                Wire.get(ObservedApplication.port(context), "/actuator/health" + path).body());
    }
}
