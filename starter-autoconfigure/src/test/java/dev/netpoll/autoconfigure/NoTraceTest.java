// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Container;
import org.apache.catalina.Valve;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

/**
 * With {@code netpoll.enabled=false} an application is what it is without the starter. The other side of
 * the comparison is the same application, on a class path whose starter is in no list of
 * auto-configurations.
 */
class NoTraceTest {

    private static final String OFF = "--netpoll.enabled=false";

    /** What an application looks like from inside and outside. */
    private record Traces(
            List<String> beans,
            List<String> filters,
            List<String> valves,
            List<String> argumentResolvers,
            Map<String, String> types,
            List<String> responses) {}

    @Test
    void switchedOffNothingIsLeftOfTheStarter() throws Exception {
        assertThat(traces(getClass().getClassLoader(), OFF))
                .usingRecursiveComparison()
                .isEqualTo(traces(new WithoutTheStarter()));
    }

    @Test
    void theComparisonSeesTheStarterWhereItIsOn() throws Exception {
        Traces on = traces(getClass().getClassLoader());
        Traces without = traces(new WithoutTheStarter());

        assertThat(on.beans()).isNotEqualTo(without.beans());
        assertThat(on.filters()).isNotEqualTo(without.filters());
        assertThat(on.valves()).isNotEqualTo(without.valves());
        assertThat(on.argumentResolvers()).isNotEqualTo(without.argumentResolvers());
        assertThat(on.types()).isNotEqualTo(without.types());
        assertThat(on.responses()).isNotEqualTo(without.responses());
    }

    private static Traces traces(ClassLoader loader, String... properties) throws Exception {
        var application = new SpringApplication(new DefaultResourceLoader(loader), Plain.class);
        application.setRegisterShutdownHook(false);
        List<String> arguments = new ArrayList<>(List.of(properties));
        arguments.add("--server.port=0");
        arguments.add("--management.endpoints.web.exposure.include=*");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try (ConfigurableApplicationContext context =
                application.run(arguments.toArray(String[]::new))) {
            return traces((ServletWebServerApplicationContext) context);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Traces traces(ServletWebServerApplicationContext context) throws Exception {
        var server = (TomcatWebServer) context.getWebServer();
        ServletContext servlets = context.getServletContext();
        return new Traces(
                Arrays.stream(context.getBeanDefinitionNames()).sorted().toList(),
                servlets == null
                        ? List.of()
                        : List.copyOf(new TreeSet<>(servlets.getFilterRegistrations().keySet())),
                valves(server.getTomcat().getEngine()),
                context.getBean(RequestMappingHandlerAdapter.class).getArgumentResolvers().stream()
                        .map(NoTraceTest::type)
                        .toList(),
                types(context, server),
                responses(server.getPort()));
    }

    private static List<String> valves(Container container) {
        List<String> names = new ArrayList<>();
        for (Valve valve : container.getPipeline().getValves()) {
            names.add(type(valve));
        }
        for (Container child : container.findChildren()) {
            names.addAll(valves(child));
        }
        return names;
    }

    private static Map<String, String> types(
            ServletWebServerApplicationContext context, TomcatWebServer server) {
        Map<String, String> types = new TreeMap<>();
        types.put("protocol", type(server.getTomcat().getConnector().getProtocolHandler()));
        types.put("data source", type(context.getBean(DataSource.class)));
        types.put("executor", type(context.getBean(TaskExecutor.class)));
        types.put("template", type(context.getBean(RestTemplate.class).getRequestFactory()));
        AtomicReference<String> thread = new AtomicReference<>();
        Thread task =
                Thread.ofVirtual()
                        .start(() -> thread.set(String.valueOf(MDC.getCopyOfContextMap())));
        join(task);
        types.put("MDC of a thread", thread.get());
        return types;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String type(Object object) {
        return object.getClass().getName();
    }

    private static List<String> responses(int port) throws IOException {
        List<String> responses = new ArrayList<>();
        for (String line :
                List.of(
                        "GET /hello HTTP/1.1",
                        "GET /mdc HTTP/1.1",
                        "GET /calls HTTP/1.1",
                        "GET /fails HTTP/1.1",
                        "GET /nothing HTTP/1.1",
                        "GET /a|b HTTP/1.1",
                        "GET /actuator/netpoll HTTP/1.1",
                        "GET /actuator/health HTTP/1.1",
                        "BREW /hello HTTP/1.1")) {
            responses.add(line + "\n" + response(port, line));
        }
        return responses;
    }

    /** Without what differs from run to run: dates, times and the port. */
    private static String response(int port, String line) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            String request =
                    line
                            + "\r\nHost: localhost:"
                            + port
                            + "\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String whole =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return whole.replaceAll("Date: [^\r]*", "Date: …")
                    .replaceAll("\"timestamp\":\"[^\"]*\"", "\"timestamp\":…")
                    .replace(":" + port, ":…");
        }
    }

    /** Finds no list of the starter's auto-configurations, failure analysers and the like. */
    private static final class WithoutTheStarter extends ClassLoader {

        private final String starter =
                NetpollAutoConfiguration.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString();

        WithoutTheStarter() {
            super(NoTraceTest.class.getClassLoader());
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            List<URL> found = Collections.list(super.getResources(name));
            if (name.startsWith("META-INF/spring")) {
                found.removeIf(url -> url.toString().startsWith(starter));
            }
            return Collections.enumeration(found);
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = JettyServletWebServerAutoConfiguration.class)
    @EnableAsync
    static class Plain {

        @Bean
        RestTemplate template() {
            return new RestTemplate();
        }

        @Bean
        DataSource dataSource() {
            var pool = new HikariDataSource();
            pool.setJdbcUrl("jdbc:h2:mem:no-trace");
            return pool;
        }

        @Bean
        Answers answers(RestClient.Builder clients) {
            return new Answers(clients.build());
        }
    }

    @RestController
    @RequestMapping(produces = "application/json")
    static final class Answers {

        private final RestClient client;

        Answers(RestClient client) {
            this.client = client;
        }

        @GetMapping("/hello")
        String hello() {
            return "hello";
        }

        @GetMapping("/mdc")
        String mdc() {
            return String.valueOf(MDC.getCopyOfContextMap());
        }

        @GetMapping("/headers")
        String headers(HttpServletRequest request) {
            return Collections.list(request.getHeaderNames()).toString();
        }

        /** Calls itself, and says with which headers. */
        @GetMapping("/calls")
        String calls(HttpServletRequest request) {
            String own = "http://localhost:" + request.getLocalPort() + "/headers";
            return String.valueOf(client.get().uri(own).retrieve().body(String.class));
        }

        @GetMapping("/fails")
        String fails() {
            throw new UnsupportedOperationException("as it should");
        }
    }
}
