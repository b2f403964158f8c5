// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import java.util.stream.Stream;

/** Spring MVC with meters and OpenTelemetry as Spring Boot configures them, and spans that stay in memory. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@Import({WatchedHandlers.class, Sight.class})
class WatchedApplication {

    /** With what {@code more} adds to it. */
    static ConfigurableApplicationContext run(Class<?> more, Stream<String> properties) {
        Stream<String> always =
                Stream.of(
                        "--server.port=0",
                        "--spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
                        "--spring.main.banner-mode=off",
                        "--logging.level.org.apache.catalina.core.ContainerBase=off",
                        "--management.endpoints.web.exposure.include=*");
        return SpringApplication.run(
                new Class<?>[] {WatchedApplication.class, more},
                Stream.concat(always, properties).toArray(String[]::new));
    }

    /**
     * What was exported; no bean itself, which would get each span a second time, from Spring Boot's processor.
     *
     * @param spans that were exported
     */
    record Memory(InMemorySpanExporter spans) {}

    @Bean
    Memory memory() {
        return new Memory(InMemorySpanExporter.create());
    }

    @Bean
    SpanProcessor atOnce(Memory memory) {
        return SimpleSpanProcessor.create(memory.spans());
    }
}
