// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** Spring MVC on Tomcat with the actuator, and handlers that wait in all the ways there are. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@Import(ObservedApplication.Handlers.class)
class ObservedApplication {

    static ConfigurableApplicationContext run(String... properties) {
        Stream<String> always =
                Stream.of(
                        "--server.port=0",
                        "--server.tomcat.max-connections=500",
                        "--management.endpoints.web.exposure.include=*");
        return SpringApplication.run(
                ObservedApplication.class,
                Stream.concat(always, Stream.of(properties)).toArray(String[]::new));
    }

    static int port(ConfigurableApplicationContext context) {
        return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
    }

    /** What clients ask for. */
    @RestController
    static class Handlers {

        private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

        /** Opens a gate. */
        void open(String name) {
            gate(name).countDown();
        }

        private CountDownLatch gate(String name) {
            return gates.computeIfAbsent(name, _ -> new CountDownLatch(1));
        }

        @GetMapping("/hello")
        String hello() {
            return "hello";
        }

        /** Waits until its gate opens, or its request ends early. */
        @GetMapping("/gate/{name}")
        String wait(@PathVariable String name) throws InterruptedException {
            gate(name).await();
            return "through";
        }

        /** Goes on until its gate opens, whatever becomes of its request. */
        @GetMapping("/stray/{name}")
        String stray(@PathVariable String name) {
            boolean through = false;
            while (!through) {
                try {
                    gate(name).await();
                    through = true;
                } catch (InterruptedException e) {
                    Thread.interrupted();
                }
            }
            return "through";
        }

        /** Holds its carrier, in a slice that has only just begun. */
        @GetMapping("/spin")
        String spin(@RequestParam long ms) {
            Thread.yield();
            long end = System.nanoTime() + ms * 1_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return "dizzy";
        }

        /** Holds its carrier in the kernel, for as long as nobody writes into the pipe. */
        @GetMapping("/read")
        String read(@RequestParam String file) throws IOException {
            Thread.yield();
            return Files.readString(Path.of(file));
        }

        @PostMapping("/body")
        String body(@RequestBody String body) {
            return String.valueOf(body.length());
        }

        @GetMapping("/large")
        byte[] large(@RequestParam int bytes) {
            return new byte[bytes];
        }
    }
}
