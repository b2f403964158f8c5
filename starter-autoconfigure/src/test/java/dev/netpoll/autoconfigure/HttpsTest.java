// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.TestKeys;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** An application whose server has its key from an SSL bundle of PEM files. */
class HttpsTest {

    @TempDir Path directory;

    private TestKeys keys;
    private TestKeys renewed;
    private SSLContext clients;
    private ConfigurableApplicationContext application;

    @BeforeEach
    void start() throws Exception {
        keys = TestKeys.generate(directory);
        renewed = TestKeys.generate(directory, "renewed", "dns:localhost", "ip:127.0.0.1");
        clients = TestKeys.trusting(keys, renewed);
        keys.writePem(directory, "web");
        String bundle = "--spring.ssl.bundle.pem.web";
        application =
                ActuatorApplication.run(
                        "--server.ssl.bundle=web",
                        bundle + ".keystore.certificate=" + directory.resolve("web.crt"),
                        bundle + ".keystore.private-key=" + directory.resolve("web.key"),
                        bundle + ".reload-on-update=true",
                        "--spring.ssl.bundle.watch.file.quiet-period=10ms");
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private Socket connect() throws IOException {
        int port = Servers.serverOf(application).getPort();
        return clients.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void theEngineServesIt() throws Exception {
        try (RawHttp https = new RawHttp(connect())) {
            assertThat(https.get("/thread")).isEqualTo("virtual");
            JsonNode netpoll = ActuatorApplication.netpoll(https);
            assertThat(netpoll.path("engine").asString()).isEqualTo("epoll");
            assertThat(netpoll.has("reason")).isFalse();
        }
    }

    @Test
    void theTableOfConnectionsSaysWhatWasAgreedUpon() throws Exception {
        try (SSLSocket socket = (SSLSocket) connect();
                RawHttp https = new RawHttp(socket)) {
            JsonNode table = new JsonMapper().readTree(https.get("/actuator/netpoll/connections"));
            assertThat(table.at("/connections/0/tls").asString())
                    .isEqualTo("TLSv1.3 " + socket.getSession().getCipherSuite());
        }
    }

    @Test
    void aRenewedCertificateIsShownToWhoComesNext() throws Exception {
        try (SSLSocket before = (SSLSocket) connect();
                RawHttp https = new RawHttp(before)) {
            assertThat(https.get("/thread")).isEqualTo("virtual");

            renewed.writePem(directory, "next");
            Files.copy(
                    directory.resolve("next.key"),
                    directory.resolve("web.key"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.copy(
                    directory.resolve("next.crt"),
                    directory.resolve("web.crt"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);

            Bounded.until(() -> shown().equals("CN=renewed"), this::shown);
            assertThat(https.get("/thread")).isEqualTo("virtual");
        }
    }

    /** By a new connection, which resumes no session. */
    private String shown() {
        try (SSLSocket socket = (SSLSocket) connect()) {
            socket.startHandshake();
            X509Certificate first = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            socket.getSession().invalidate();
            return first.getSubjectX500Principal().getName();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
