// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The threads of the JDK's HTTP client, of which each call uses several. */
class JdkClientThreadsTest {

    private final WebApplicationContextRunner application =
            new WebApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    ImperativeHttpClientAutoConfiguration.class,
                                    NetpollHttpClientAutoConfiguration.class))
                    .withPropertyValues("spring.http.clients.imperative.factory=jdk");

    /** Sees the clients that are made. */
    @Configuration(proxyBeanMethods = false)
    static class Seen {

        private final List<HttpClient> clients = new ArrayList<>();

        @Bean
        ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> seen() {
            return jdk -> jdk.withHttpClientCustomizer(builder -> clients.add(builder.build()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {

        static final Executor EXECUTOR = Runnable::run;

        @Bean
        ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> own() {
            return jdk -> jdk.withExecutor(EXECUTOR);
        }
    }

    private static HttpClient client(ApplicationContext context) {
        context.getBean(ClientHttpRequestFactoryBuilder.class).build();
        return context.getBean(Seen.class).clients.getLast();
    }

    @Test
    void areVirtualAsThoseOfRequests() {
        application
                .withUserConfiguration(Seen.class)
                .run(
                        context -> {
                            var virtual = new CompletableFuture<Boolean>();
                            client(context)
                                    .executor()
                                    .orElseThrow()
                                    .execute(
                                            () ->
                                                    virtual.complete(
                                                            Thread.currentThread().isVirtual()));
                            assertThat(virtual).succeedsWithin(Bounded.PATIENCE);
                            assertThat(virtual.join()).isTrue();
                        });
    }

    @Test
    void areTheClientsOwnWhereRequestsHaveThoseOfTomcat() {
        application
                .withUserConfiguration(Seen.class)
                .withPropertyValues("netpoll.tomcat.enabled=false")
                .run(context -> assertThat(client(context).executor()).isEmpty());
    }

    @Test
    void areThoseThatACustomizerChooses() {
        application
                .withUserConfiguration(Own.class, Seen.class)
                .run(context -> assertThat(client(context).executor()).contains(Own.EXECUTOR));
    }
}
