// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.TestKeys;

import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Context;
import org.apache.catalina.authenticator.SSLAuthenticator;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLSessionManager;
import org.apache.tomcat.util.net.SSLSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** TLS beyond one request: sessions, host names, handshakes that clients begin, certificates that are asked for later. */
abstract class TlsSessionsContract extends ServerContract {

    @Override
    protected abstract TlsUnderTest subject();

    private static RawClient version(RawClient client, String version) {
        return TlsContract.version(client, version);
    }

    // ---- handshakes that clients begin ----------------------------------------------------------

    @Test
    void aClientOfTls12MayBeginAnotherHandshakeBetweenRequests() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = version(server.connect(), "TLSv1.2");
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");

        var done = new CountDownLatch(1);
        client.tls().addHandshakeCompletedListener(_ -> done.countDown());
        client.tls().startHandshake();

        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        Bounded.await(done);
    }

    /** A resumed session's ClientHello carries the ticket that the server made, with the server's long certificate in it. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientHelloMayBeLongerThanARecord(String version) throws Exception {
        TestKeys keys = longKeys();
        SSLHostConfig host = TlsUnderTest.host("_default_", keys);
        SSLContext clients = TestKeys.trusting(keys);
        TestServer server =
                TestServer.on(subject().protocol())
                        .connector(connector -> subject().tune(connector, host))
                        .clientsOver(clients)
                        .onStart(this::closedAfterTheTest)
                        .handle("/hello", (_, response) -> text(response, "hello"))
                        .start();
        for (int i = 0; i < 3; i++) {
            try (RawClient client = version(server.client(), version)) {
                assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            }
        }
    }

    /** A certificate with an extension of 17,000 bytes that mean nothing. */
    private static TestKeys longKeys() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("netpoll-keys");
        int bytes = 17_000;
        String utf8 = "0C82%04X".formatted(bytes) + "78".repeat(bytes);
        TestKeys keys = TestKeys.generateWith(directory, "long", List.of("2.999=" + utf8));
        directory.toFile().deleteOnExit();
        keys.store().toFile().deleteOnExit();
        return keys;
    }

    // ---- sessions -------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionThatTheApplicationInvalidatesIsNotResumed(String version) throws Exception {
        TestServer server =
                helloServer()
                        .handle(
                                "/invalidate",
                                (request, response) -> {
                                    manager(request).invalidateSession();
                                    text(response, "invalidated");
                                })
                        .start();
        SSLContext clients = TestKeys.trusting(TlsUnderTest.KEYS);
        try (RawClient client = version(server.client(server.address(), clients), version)) {
            assertThat(client.get("/invalidate").receive().text()).isEqualTo("invalidated");
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }
        try (RawClient client = version(server.client(server.address(), clients), version)) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }
    }

    private static SSLSessionManager manager(HttpServletRequest request) {
        return (SSLSessionManager) request.getAttribute(SSLSupport.SESSION_MGR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionOfTheApplicationMayBeTrackedByThatOfTls(String version) throws Exception {
        TestServer server =
                server().context(TlsSessionsContract::trackByTls)
                        .handle(
                                "/session",
                                (request, response) ->
                                        text(
                                                response,
                                                request.getRequestedSessionId()
                                                        + " "
                                                        + request.getSession().getId()
                                                        + " "
                                                        + request.isRequestedSessionIdValid()))
                        .start();
        RawClient client = version(server.connect(), version);
        String[] first = client.get("/session").receive().text().split(" ");
        String[] second = client.get("/session").receive().text().split(" ");
        assertThat(first[0]).hasSizeGreaterThan(8).isEqualTo(first[1]);
        assertThat(second).containsExactly(first[0], first[0], "true");
    }

    private static void trackByTls(Context context) {
        context.addServletContainerInitializer(
                (_, application) ->
                        application.setSessionTrackingModes(Set.of(SessionTrackingMode.SSL)),
                null);
    }

    // ---- certificates that are asked for --------------------------------------------------------

    /** The body comes before the certificate is asked for: up to {@code maxSavePostSize} bytes of it are kept. */
    @ParameterizedTest
    @CsvSource({"0, 200", "2048, 200", "4096, 200", "8192, 401", "100000, 401"})
    void aBodyIsKeptWhileTheCertificateIsAskedFor(int size, int status) throws Exception {
        TestServer server = authenticating().start();
        RawClient client =
                version(
                        server.closedWithServer(
                                server.client(
                                        server.address(),
                                        TlsContract.CLIENT.showing(TlsUnderTest.KEYS))),
                        "TLSv1.2");
        byte[] body = Payload.bytes(size);
        String length = "Content-Length: " + size;
        assertThat(client.request("POST", "/open", length).send(body).receive().text())
                .isEqualTo(Payload.digest(size).toString());

        RawResponse response = client.request("POST", "/protected", length).send(body).receive();

        assertThat(response.status()).isEqualTo(status);
        if (status == 200) {
            assertThat(response.text()).isEqualTo(Payload.digest(size).toString());
        }
    }

    private TestServer.Builder authenticating() {
        SSLHostConfig host = TlsUnderTest.host("_default_", TlsUnderTest.KEYS);
        host.setTruststoreFile(TlsContract.TRUST.toString());
        host.setTruststorePassword(TestKeys.PASSWORD);
        host.setProtocols("TLSv1.2"); // of TLS 1.3 the authenticator warns
        return TestServer.on(subject().protocol())
                .connector(connector -> subject().tune(connector, host))
                .clientsOver(subject().tls())
                .onStart(this::closedAfterTheTest)
                .handle("/open", ServerContract::answerDigest)
                .handle("/protected", ServerContract::answerDigest)
                .context(TlsSessionsContract::protect);
    }

    /** Asks for a certificate at {@code /protected} alone. */
    private static void protect(Context context) {
        SecurityCollection paths = new SecurityCollection();
        paths.addPatternDecoded("/protected");
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addAuthRole("known");
        constraint.addCollection(paths);
        context.addConstraint(constraint);
        LoginConfig login = new LoginConfig();
        login.setAuthMethod("CLIENT-CERT");
        context.setLoginConfig(login);
        context.getPipeline().addValve(new SSLAuthenticator());
        context.setRealm(new Everybody());
    }

    /** A realm that has a user for every trusted certificate. */
    private static final class Everybody extends RealmBase {

        @Override
        protected String getPassword(String name) {
            return "";
        }

        @Override
        protected Principal getPrincipal(String name) {
            return new GenericPrincipal(name, List.of("known"));
        }
    }

    // ---- names of hosts -------------------------------------------------------------------------

    /** Tomcat 11.0.22 does not ask whether they agree. */
    @ParameterizedTest
    @CsvSource({
        "localhost, localhost, 200",
        "localhost, other.test, 400",
        "localhost, unknown.test, 200",
        "unknown.test, another.test, 200",
        "other.test, OTHER.test, 200",
        "-, localhost, 200",
        "-, other.test, 400"
    })
    void theNamesOfHandshakeAndRequestStandForTheSameHost(String sni, String host, int status)
            throws Exception {
        TestServer server = twoHosts().start();
        assertThat(status(server, sni, host)).isEqualTo(status);
    }

    @Test
    void whatTheNamesStandForMayBeChangedWhileItRuns() throws Exception {
        TestServer server = twoHosts().start();
        assertThat(status(server, "localhost", "other.test")).isEqualTo(400);
        server.connector().setProperty("strictSni", "false");
        assertThat(status(server, "localhost", "other.test")).isEqualTo(200);
        server.connector().setProperty("strictSni", "true");
        server.connector().setProperty("defaultSSLHostConfigName", "other.test");
        assertThat(status(server, "localhost", "other.test")).isEqualTo(200);
        assertThat(status(server, "-", "other.test")).isEqualTo(200);
    }

    private TestServer.Builder twoHosts() {
        requireTomcat("11.0.24");
        return helloServer()
                .connector(
                        connector ->
                                connector.addSslHostConfig(
                                        TlsUnderTest.host("other.test", TlsContract.OTHER)))
                .clientsOver(TlsUnderTest.trusting(TlsUnderTest.KEYS, TlsContract.OTHER));
    }

    /** By a client without a session: one that resumes sends the name of its first connection. */
    private static int status(TestServer server, String sni, String host) throws IOException {
        SSLContext fresh = TlsUnderTest.trusting(TlsUnderTest.KEYS, TlsContract.OTHER);
        try (RawClient client = server.client(server.address(), fresh)) {
            SSLParameters parameters = client.tls().getSSLParameters();
            parameters.setServerNames(sni.equals("-") ? List.of() : List.of(new SNIHostName(sni)));
            client.tls().setSSLParameters(parameters);
            client.send("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return client.receive().status();
        }
    }

    // ---- hosts that are read anew ---------------------------------------------------------------

    @Test
    void allHostsMayBeReadAnewWhileOthersAreServed() throws Exception {
        TestServer server = twoHosts().start();
        RawClient before = server.connect();
        assertThat(before.get("/hello").receive().text()).isEqualTo("hello");

        AbstractHttp11Protocol<?> protocol = (AbstractHttp11Protocol<?>) server.protocol();
        protocol.reloadSslHostConfigs();

        assertThat(status(server, "other.test", "other.test")).isEqualTo(200);
        assertThat(before.get("/hello").receive().text()).isEqualTo("hello");
    }

    // ---- settings that are read back ------------------------------------------------------------

    @Test
    void theImplementationOfTlsMayBeNamed() throws Exception {
        String jsse = "org.apache.tomcat.util.net.jsse.JSSEImplementation";
        TestServer server = helloServer().property("sslImplementationName", jsse).start();
        assertThat(server.connector().getProperty("sslImplementationName")).isEqualTo(jsse);
        assertThat(server.connector().getProperty("SSLEnabled")).isEqualTo(true);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }
}
