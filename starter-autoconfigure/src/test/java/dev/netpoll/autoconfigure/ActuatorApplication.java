// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.stream.Stream;

/**
 * Spring MVC on Tomcat with the actuator, as its starters configure it. Jetty is on the tests'
 * classpath too, and must not take Tomcat's place.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@Import(Servers.ThreadServletConfiguration.class)
class ActuatorApplication {

    private static final JsonMapper JSON = new JsonMapper();

    static ConfigurableApplicationContext run(String... properties) {
        return run(ActuatorApplication.class, properties);
    }

    static ConfigurableApplicationContext run(Class<?> application, String... properties) {
        Stream<String> always =
                Stream.of("--server.port=0", "--management.endpoints.web.exposure.include=netpoll");
        return SpringApplication.run(
                application, Stream.concat(always, Stream.of(properties)).toArray(String[]::new));
    }

    /** What {@code /actuator/netpoll} says on {@code port}. */
    static JsonNode netpoll(int port) throws IOException {
        try (var http = new RawHttp(port)) {
            return netpoll(http);
        }
    }

    static JsonNode netpoll(RawHttp http) throws IOException {
        return JSON.readTree(http.get("/actuator/netpoll"));
    }
}
