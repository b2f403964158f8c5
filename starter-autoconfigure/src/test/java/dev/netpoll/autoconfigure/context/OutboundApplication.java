// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelContext;
import dev.netpoll.web.RequestDeadline;

import io.github.resilience4j.bulkhead.annotation.Bulkhead;
import io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker;
import io.github.resilience4j.retry.annotation.Retry;
import io.github.resilience4j.timelimiter.annotation.TimeLimiter;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An application that calls another server, in all of Spring's ways, with Resilience4j around. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@EnableAsync
@Import({
    OutboundApplication.Calls.class,
    OutboundApplication.Guarded.class,
    OutboundApplication.Remote.class,
    OutboundApplication.Tasks.class
})
class OutboundApplication {

    static ConfigurableApplicationContext run(String... properties) {
        Stream<String> always =
                Stream.of(
                        "--server.port=0",
                        "--netpoll.overdue.grace=1h",
                        "--spring.http.clients.imperative.factory=jdk",
                        "--resilience4j.timelimiter.instances.patient.timeout-duration=1h",
                        "--resilience4j.retry.instances.patient.max-attempts=3",
                        "--resilience4j.retry.instances.patient.wait-duration=1h",
                        "--resilience4j.bulkhead.instances.one.max-concurrent-calls=1",
                        "--resilience4j.circuitbreaker.instances.breaker.minimum-number-of-calls=5");
        Stream<String> others = always.filter(each -> !isAmong(keyOf(each), properties));
        return SpringApplication.run(
                OutboundApplication.class,
                Stream.concat(others, Stream.of(properties)).toArray(String[]::new));
    }

    private static String keyOf(String property) {
        return property.substring(0, property.indexOf('=') + 1);
    }

    private static boolean isAmong(String key, String... properties) {
        return Stream.of(properties).anyMatch(each -> each.startsWith(key));
    }

    @Bean
    Probes probes() {
        return new Probes();
    }

    @Bean(destroyMethod = "close")
    Downstream downstream(Probes probes) {
        return new Downstream(probes);
    }

    /** Not Boot's. */
    @Bean
    RestTemplate bareTemplate() {
        return new RestTemplate(new org.springframework.http.client.JdkClientHttpRequestFactory());
    }

    @Bean
    WebClient bareWebClient() {
        return WebClient.create();
    }

    @RestController
    static class Calls {

        private final RestClient client;
        private final RestTemplate template;
        private final WebClient webClient;
        private final Downstream downstream;

        Calls(
                RestClient.Builder client,
                RestTemplate template,
                WebClient webClient,
                Downstream downstream) {
            this.client = client.build();
            this.template = template;
            this.webClient = webClient;
            this.downstream = downstream;
        }

        private String client(String path) {
            return client.get().uri(downstream.url() + path).retrieve().body(String.class);
        }

        private String template(String path) {
            return template.getForObject(downstream.url() + path, String.class);
        }

        private String web(String path) {
            return webClient
                    .get()
                    .uri(downstream.url() + path)
                    .retrieve()
                    .bodyToMono(String.class)
                    .block();
        }

        private String by(String way, String path) {
            return switch (way) {
                case "client" -> client(path);
                case "template" -> template(path);
                case "web" -> web(path);
                default -> throw new IllegalStateException(way);
            };
        }

        @GetMapping("/call")
        String call(@RequestParam String way, @RequestParam String path) {
            return by(way, path);
        }

        @GetMapping("/call-with-deadline")
        @RequestDeadline("300ms")
        String callWithDeadline(@RequestParam String way, @RequestParam String path) {
            return by(way, path);
        }

        @GetMapping("/call-with-time")
        @RequestDeadline("1h")
        String callWithTime(@RequestParam String way, @RequestParam String path) {
            return by(way, path);
        }

        @GetMapping("/told-apart")
        @RequestDeadline("1h")
        String toldApart(@RequestParam String way) {
            try {
                return by(way, "/503");
            } catch (HttpServerErrorException e) {
                return "the server's: " + e.getStatusCode().value();
            }
        }
    }

    /** Runs on the application's executor. */
    static class Tasks {

        private final Probes probes;

        Tasks(Probes probes) {
            this.probes = probes;
        }

        @Async
        public CompletableFuture<String> hang(String key) {
            probes.tell(key + ".running", true);
            try {
                new CountDownLatch(1).await();
                return CompletableFuture.completedFuture("never");
            } catch (InterruptedException e) {
                probes.tell(
                        key, "interrupted by " + CancelContext.current().cause().origin().kind());
                throw new IllegalStateException(e);
            }
        }

        /** Does not stop before it is released. */
        @Async
        public CompletableFuture<String> stubborn(String key) {
            probes.tell(key + ".running", true);
            while (!probes.isTold(key + ".release")) {
                try {
                    new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
                } catch (InterruptedException ignored) {
                    // that is what it does
                }
            }
            return CompletableFuture.completedFuture("released");
        }
    }

    static class Remote {

        private final Tasks tasks;
        private final Probes probes;

        Remote(Tasks tasks, Probes probes) {
            this.tasks = tasks;
            this.probes = probes;
        }

        @TimeLimiter(name = "patient")
        public CompletableFuture<String> limited(String key) {
            return tasks.hang(key);
        }

        @Retry(name = "patient")
        public String retried(String key) {
            probes.tell(key + (probes.isTold(key + ".first") ? ".second" : ".first"), true);
            throw new IllegalStateException("its own");
        }

        @Bulkhead(name = "one")
        public CompletableFuture<String> bulkheaded(String key) {
            CompletableFuture<String> work = tasks.stubborn(key);
            probes.tell(key + ".future", work);
            return work;
        }

        @CircuitBreaker(name = "breaker")
        public String broken(CancelContext context, String key) {
            probes.tell(key + ".running", true);
            try {
                context.awaitCancelled();
            } catch (InterruptedException e) {
                // the end, in the form of an interrupt
            }
            throw new IllegalStateException("its own");
        }
    }

    @RestController
    static class Guarded {

        private final Remote remote;

        Guarded(Remote remote) {
            this.remote = remote;
        }

        @GetMapping("/limited")
        @RequestDeadline("300ms")
        String limited(@RequestParam String key) throws Exception {
            return remote.limited(key).get();
        }

        @GetMapping("/retried")
        @RequestDeadline("30m")
        String retried(@RequestParam String key) {
            try {
                return remote.retried(key);
            } catch (IllegalStateException e) {
                return e.getMessage();
            }
        }

        @GetMapping("/broken")
        String broken(CancelContext context, @RequestParam String key) {
            return remote.broken(context, key);
        }

        @GetMapping("/broken-by-deadline")
        @RequestDeadline("100ms")
        String brokenByDeadline(CancelContext context, @RequestParam String key) {
            return remote.broken(context, key);
        }
    }
}
