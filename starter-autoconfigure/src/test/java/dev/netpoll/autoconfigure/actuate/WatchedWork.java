// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.web.RequestDeadline;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.annotation.Observed;

import jakarta.servlet.http.HttpServletRequest;

import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientResponseException;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

/** Handlers whose work is observed below their request's observation: by libraries, by annotations, on other threads. */
@Configuration(proxyBeanMethods = false)
@EnableAsync
@Import({WatchedWork.Handlers.class, WatchedWork.Service.class})
class WatchedWork {

    @Bean
    DataSource database() {
        var database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:");
        return database;
    }

    /** What is called by them. */
    @Component
    static class Service {

        private final Sight sight;

        Service(Sight sight) {
            this.sight = sight;
        }

        @Observed(name = "watched.annotated", contextualName = "annotated")
        public String annotated() {
            return sight.ofChild();
        }

        @Observed(name = "watched.annotated", contextualName = "annotated")
        public String annotatedFails() {
            throw new IllegalStateException("below");
        }

        @Async
        public CompletableFuture<String> elsewhere() {
            return CompletableFuture.completedFuture(sight.ofNothing() + sight.ofChild());
        }
    }

    /** What clients ask for. */
    @RestController
    static class Handlers {

        private final RestClient client;
        private final JdbcClient jdbc;
        private final ObservationRegistry observations;
        private final Service service;
        private final Map<String, CountDownLatch> entered = new ConcurrentHashMap<>();

        Handlers(
                RestClient.Builder client,
                DataSource database,
                ObservationRegistry observations,
                Service service) {
            this.client = client.build();
            this.jdbc = JdbcClient.create(database);
            this.observations = observations;
            this.service = service;
        }

        @GetMapping("/call")
        String call(HttpServletRequest request) {
            return called(request, "seen");
        }

        @GetMapping("/call/fails")
        String callFails(HttpServletRequest request) {
            try {
                return called(request, "status/404");
            } catch (RestClientResponseException e) {
                return e.getStatusCode().toString();
            }
        }

        private String called(HttpServletRequest request, String path) {
            return Objects.requireNonNull(
                    client.get()
                            .uri("http://localhost:" + request.getLocalPort() + "/" + path)
                            .retrieve()
                            .body(String.class));
        }

        /** Answers what a call brings along of its trace. */
        @GetMapping("/seen")
        String seen(HttpServletRequest request) {
            @Nullable String parent = request.getHeader("traceparent");
            return parent == null ? "none" : parent.replaceAll("[0-9a-f]{16,}", "*");
        }

        @GetMapping("/query")
        String query() {
            return Objects.requireNonNull(
                    Observation.createNotStarted("watched.query", observations)
                            .observe(
                                    () -> jdbc.sql("select 'found'").query(String.class).single()));
        }

        @GetMapping("/annotated")
        String annotated() {
            return service.annotated();
        }

        @GetMapping("/annotated/fails")
        String annotatedFails() {
            return service.annotatedFails();
        }

        @GetMapping("/async")
        String async() {
            return service.elsewhere().join();
        }

        @GetMapping("/async/answers")
        CompletableFuture<String> asyncAnswers() {
            return service.elsewhere();
        }

        /** Waits until its request ends early. */
        @GetMapping("/waits/{name}")
        String waits(@PathVariable String name) throws InterruptedException {
            entered(name).countDown();
            new CountDownLatch(1).await();
            return "never";
        }

        /** Waits until its deadline. */
        @GetMapping("/late")
        @RequestDeadline("20ms")
        String late() throws InterruptedException {
            new CountDownLatch(1).await();
            return "never";
        }

        /** Ignores its deadline until its request has been answered by others. */
        @GetMapping("/stray/{name}")
        @RequestDeadline("20ms")
        String stray(@PathVariable String name) {
            boolean through = false;
            while (!through) {
                try {
                    entered(name).await();
                    through = true;
                } catch (InterruptedException e) {
                    Thread.interrupted();
                }
            }
            return "through";
        }

        CountDownLatch entered(String name) {
            return entered.computeIfAbsent(name, _ -> new CountDownLatch(1));
        }
    }
}
