// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollEndpoint;
import dev.netpoll.testsupport.ModuleApplication;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Spring Boot application on the module path, with all modules of netpoll. */
class ModulePathTest {

    private static final Pattern JAR = Pattern.compile("(.+)-[0-9][^-]*\\.jar");

    /** What spring-boot-starter-webmvc and spring-boot-starter-actuator bring, but for logging. */
    private static final Set<String> JARS =
            Set.of(
                    "HdrHistogram",
                    "commons-logging",
                    "jackson-annotations",
                    "jackson-core",
                    "jackson-databind",
                    "jakarta.annotation-api",
                    "jspecify",
                    "micrometer-commons",
                    "micrometer-core",
                    "micrometer-jakarta9",
                    "micrometer-observation",
                    "slf4j-api",
                    "spring-aop",
                    "spring-beans",
                    "spring-boot",
                    "spring-boot-actuator",
                    "spring-boot-actuator-autoconfigure",
                    "spring-boot-autoconfigure",
                    "spring-boot-health",
                    "spring-boot-http-converter",
                    "spring-boot-jackson",
                    "spring-boot-micrometer-metrics",
                    "spring-boot-micrometer-observation",
                    "spring-boot-servlet",
                    "spring-boot-tomcat",
                    "spring-boot-web-server",
                    "spring-boot-webmvc",
                    "spring-context",
                    "spring-core",
                    "spring-expression",
                    "spring-web",
                    "spring-webmvc",
                    "tomcat-embed-core");

    private static final Set<String> FOLDERS =
            Set.of(
                    "netpoll-engine",
                    "context-propagation",
                    "netpoll-web",
                    "tomcat-connector",
                    "actuator-endpoints",
                    "starter-autoconfigure");

    @TempDir private Path dir;

    @Test
    void theModulesExportAllThatTheyAreAndAreOpenToSpringAlone() {
        for (Class<?> type : new Class<?>[] {NetpollEndpoint.class, NetpollProperties.class}) {
            var descriptor = ModuleApplication.exportingModuleOf(type);
            assertThat(descriptor.opens())
                    .flatExtracting(ModuleDescriptor.Opens::targets)
                    .allMatch(target -> target.startsWith("spring."));
        }
    }

    @Test
    void aBootApplicationOnTheModulePathRunsOnTheLoopsAndReportsIt() throws Exception {
        var app = new ModuleApplication(dir, modules());
        String refused =
                app.compile(
                        """
                        module app {
                            requires dev.netpoll.autoconfigure;
                            requires spring.boot;
                            requires spring.boot.autoconfigure;
                            requires spring.context;
                            requires spring.web;
                            opens app;
                        }
                        """,
                        """
                        package app;

                        import dev.netpoll.context.CancelContext;
                        import dev.netpoll.web.RequestDeadline;
                        import java.net.*;
                        import org.springframework.boot.SpringApplication;
                        import org.springframework.boot.autoconfigure.SpringBootApplication;
                        import org.springframework.web.bind.annotation.*;

                        @SpringBootApplication
                        @RestController
                        public class App {
                            @GetMapping("/hello")
                            @RequestDeadline("1h")
                            String hello(CancelContext context) {
                                return Thread.currentThread() + " " + context.deadline();
                            }

                            public static void main(String[] args) throws Exception {
                                try (var app = SpringApplication.run(App.class, "--server.port=0",
                                        "--management.endpoints.web.exposure.include=netpoll,health,metrics",
                                        "--management.endpoint.health.show-details=always")) {
                                    int port = app.getEnvironment().getProperty("local.server.port", Integer.class);
                                    System.out.println(get(port, "hello"));
                                    System.out.println(get(port, "actuator/netpoll"));
                                    System.out.println(get(port, "actuator/health"));
                                    System.out.println(get(port, "actuator/metrics/netpoll.connections"));
                                }
                            }

                            private static String get(int port, String path) throws Exception {
                                try (Socket client = new Socket("127.0.0.1", port)) {
                                    client.getOutputStream().write(("GET /" + path
                                            + " HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n").getBytes());
                                    return new String(client.getInputStream().readAllBytes());
                                }
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        String printed =
                app.run(
                        "--add-modules=ALL-MODULE-PATH",
                        "--add-opens=java.base/java.lang=dev.netpoll.engine",
                        "--enable-native-access=dev.netpoll.engine");
        assertThat(printed)
                .containsPattern("http-netpoll-.*@netpoll-carrier-\\d+ Deadline in PT59M")
                .contains("\"engine\":\"epoll\",\"carriers\":\"loop\"")
                .contains("\"netpoll\":{\"details\":")
                .contains("\"name\":\"netpoll.connections\"")
                .doesNotContain("Exception", "WARNING", "SEVERE");
    }

    private static List<Path> modules() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(place -> isModule(place) || isJar(place))
                .toList();
    }

    /** In {@code target} of one of our modules: its classes, or from the package phase on its jar. */
    private static boolean isModule(Path place) {
        Path target = place.getParent();
        return (place.endsWith("target/classes") || isJarIn(target, place))
                && FOLDERS.contains(target.getParent().getFileName().toString());
    }

    private static boolean isJarIn(Path target, Path place) {
        return target.endsWith("target") && place.toString().endsWith(".jar");
    }

    private static boolean isJar(Path jar) {
        Matcher name = JAR.matcher(jar.getFileName().toString());
        return name.matches() && JARS.contains(name.group(1));
    }
}
