// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.http.HttpSettings;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** No application has every client and all of Resilience4j. */
class OptionalClientsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.web.reactive",
                "org.springframework.boot.webclient",
                "org.springframework.boot.restclient",
                "org.springframework.boot.http.client",
                "org.springframework.web.client",
                "io.github.resilience4j",
                "io.github.resilience4j.retry",
                "io.github.resilience4j.bulkhead",
                "io.github.resilience4j.circuitbreaker",
                "io.github.resilience4j.timelimiter",
                "io.micrometer.context"
            })
    void anApplicationStartsWithout(String missing) {
        new ApplicationContextRunner()
                .withClassLoader(new FilteredClassLoader(missing))
                .withConfiguration(
                        AutoConfigurations.of(
                                NetpollHttpClientAutoConfiguration.class,
                                NetpollResilience4jAutoConfiguration.class))
                .run(
                        context ->
                                assertThat(context)
                                        .hasNotFailed()
                                        .hasSingleBean(HttpSettings.class));
    }
}
