// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** An application whose handlers call by java.net.Socket. Run by {@link AllSocketsTest}. */
@ExtendWith(OutputCaptureExtension.class)
class AllSocketsUse {

    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private ServerSocket called;
    private ConfigurableApplicationContext context;

    @BeforeEach
    void start() throws IOException {
        called = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        context = run();
    }

    static ConfigurableApplicationContext run() {
        return SpringApplication.run(
                Application.class,
                "--server.port=0",
                "--netpoll.outbound=all",
                "--management.endpoints.web.exposure.include=netpoll");
    }

    @AfterEach
    void stop() throws IOException {
        context.close();
        called.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            excludeName = {
                "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
                "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
            })
    @Import(Calls.class)
    static class Application {}

    @RestController
    static class Calls {

        private final RestClient client;

        Calls(RestClient.Builder client) {
            this.client = client.build();
        }

        @GetMapping("/call")
        String call(@RequestParam String way, @RequestParam int port) throws IOException {
            URI uri = URI.create("http://localhost:" + port + "/called");
            return switch (way) {
                case "apache" -> client.get().uri(uri).retrieve().body(String.class);
                case "url" -> read(uri.toURL().openStream());
                default -> socket(port);
            };
        }

        private static String socket(int port) throws IOException {
            try (Socket socket = new Socket("localhost", port)) {
                socket.getOutputStream()
                        .write("GET /called\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                return read(socket.getInputStream());
            }
        }

        private static String read(InputStream in) throws IOException {
            try (in) {
                return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            }
        }
    }

    private int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
    }

    private String get(String path) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + port() + path);
        return Calls.read(uri.toURL().openStream());
    }

    private CompletableFuture<String> call(String way) {
        String path = "/call?way=" + way + "&port=" + called.getLocalPort();
        return Bounded.background(() -> get(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket", "url", "apache"})
    void theConnectionsPageNamesWhomAHandlerWaitsFor(String way) throws Exception {
        CompletableFuture<String> call = call(way);
        try (Socket accepted = called.accept()) {
            String peer = "\"waitsFor\":\"localhost:" + called.getLocalPort() + "\"";
            eventually(() -> get("/actuator/netpoll/connections"), page -> page.contains(peer));
            answer(accepted);
        }
        assertThat(Bounded.value(call)).endsWith("ok");
    }

    private static void answer(Socket accepted) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) accepted.getInputStream().read());
        }
        accepted.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void oneLineSaysSo(CapturedOutput output) {
        assertThat(output)
                .containsOnlyOnce("Every java.net.Socket that this JVM makes from now on is on");
    }

    /** As devtools, a test's contexts or a parent and child do. */
    @Test
    void anotherApplicationOfTheSameJvmHasThemToo() throws Exception {
        try (ConfigurableApplicationContext second = run()) {
            assertThat(second.isActive()).isTrue();
            context.close();
            context = second;
            theConnectionsPageNamesWhomAHandlerWaitsFor("url");
        }
    }
}
