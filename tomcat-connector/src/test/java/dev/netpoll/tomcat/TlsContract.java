// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.TestKeys;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509TrustManager;

/** What only TLS has: handshakes, certificates, records, and two ends of a connection. */
abstract class TlsContract extends ServerContract {

    static final TestKeys OTHER = TlsUnderTest.keys("other", "dns:other.test");
    static final TestKeys WILD = TlsUnderTest.keys("wild", "dns:*.wild.test");
    static final TestKeys CLIENT = TlsUnderTest.keys("client");

    /** Has the certificate of the clients in it. */
    static final Path TRUST = TlsUnderTest.trustStore(CLIENT);

    private static final SSLContext TRUSTING_ALL =
            TlsUnderTest.trusting(TlsUnderTest.KEYS, OTHER, WILD);

    private static final String CLOSE = "Connection: close";

    @Override
    protected abstract TlsUnderTest subject();

    /** A server whose default host has {@code settings} beyond its key. */
    private TestServer.Builder server(Consumer<SSLHostConfig> settings) {
        SSLHostConfig host = TlsUnderTest.host("_default_", TlsUnderTest.KEYS);
        settings.accept(host);
        return TestServer.on(subject().protocol())
                .connector(connector -> subject().tune(connector, host))
                .clientsOver(TRUSTING_ALL)
                .onStart(this::closedAfterTheTest)
                .handle("/hello", (request, response) -> text(response, "hello"));
    }

    /** A client whose wire decides what leaves together. */
    private static RawClient over(WireSocket wire, SSLContext context) throws IOException {
        return RawClient.over(wire, context);
    }

    private static WireSocket wire(TestServer server) throws IOException {
        return WireSocket.open(server.address(), (int) Bounded.PATIENCE.toMillis());
    }

    static RawClient version(RawClient client, String version) {
        client.tls().setEnabledProtocols(new String[] {version});
        return client;
    }

    // ---- what requests know ---------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRequestKnowsWhatWasAgreedUpon(String version) throws Exception {
        TestServer server =
                helloServer()
                        .handle("/facts", (request, response) -> text(response, facts(request)))
                        .start();
        RawClient client = version(server.connect(), version);

        String facts = client.get("/facts").receive().text();

        String suite = client.tls().getSession().getCipherSuite();
        assertThat(facts)
                .startsWith("https true %s %s %s 256 ".formatted(version, version, suite))
                .endsWith(" id")
                .contains(suite.replace("TLS_", ""));
    }

    private static String facts(HttpServletRequest request) {
        return String.join(
                " ",
                request.getScheme(),
                "" + request.isSecure(),
                "" + request.getAttribute(SSLSupport.PROTOCOL_VERSION_KEY),
                "" + request.getAttribute(SSLSupport.SECURE_PROTOCOL_KEY),
                "" + request.getAttribute(SSLSupport.CIPHER_SUITE_KEY),
                "" + request.getAttribute(SSLSupport.KEY_SIZE_KEY),
                "" + request.getAttribute(SSLSupport.REQUESTED_CIPHERS_KEY),
                "" + request.getAttribute(SSLSupport.REQUESTED_PROTOCOL_VERSIONS_KEY),
                request.getAttribute(SSLSupport.SESSION_ID_KEY) == null ? "none" : "id");
    }

    // ---- hosts ----------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"other.test, other", "a.wild.test, wild", "unknown.test, localhost"})
    void aHostShowsItsCertificate(String name, String shown) throws Exception {
        TestServer server =
                server(host -> {})
                        .connector(c -> c.addSslHostConfig(TlsUnderTest.host("other.test", OTHER)))
                        .connector(c -> c.addSslHostConfig(TlsUnderTest.host("*.wild.test", WILD)))
                        .start();
        RawClient client = server.connect();
        SSLParameters parameters = client.tls().getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        client.tls().setSSLParameters(parameters);

        client.send("GET /hello HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
        assertThat(client.receive().text()).isEqualTo("hello");

        assertThat(shownBy(client)).isEqualTo("CN=" + shown);
    }

    private static String shownBy(RawClient client) throws IOException {
        X509Certificate first =
                (X509Certificate) client.tls().getSession().getPeerCertificates()[0];
        return first.getSubjectX500Principal().getName();
    }

    @Test
    void aHostIsReplacedWhileOthersAreServed() throws Exception {
        TestServer server = server(host -> {}).start();
        RawClient before = server.connect();
        assertThat(before.get("/hello").receive().text()).isEqualTo("hello");

        server.connector()
                .getProtocolHandler()
                .addSslHostConfig(TlsUnderTest.host("_default_", OTHER), true);

        RawClient after = server.connect();
        assertThat(after.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(shownBy(after)).isEqualTo("CN=other");
        assertThat(before.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(shownBy(before)).isEqualTo("CN=localhost");
    }

    // ---- certificates of clients ----------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, required",
        "TLSv1.3, required",
        "TLSv1.2, optional",
        "TLSv1.3, optional",
        "TLSv1.2, optionalNoCA",
        "TLSv1.3, optionalNoCA"
    })
    void aClientsCertificateIsKnownWhereItIsAskedFor(String version, String verification)
            throws Exception {
        TestServer server = certificateServer(verification).start();
        RawClient client = clientWithCertificate(server, version);

        assertThat(client.get("/subject").receive().text()).isEqualTo("CN=client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientWithoutACertificateIsServedWhereItIsOnlyWanted(String version) throws Exception {
        TestServer server = certificateServer("optional").start();
        RawClient client = version(server.connect(), version);
        assertThat(client.get("/subject").receive().text()).isEqualTo("nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientWithoutACertificateIsRefusedWhereItIsNeeded(String version) throws Exception {
        TestServer server = certificateServer("required").start();
        RawClient client = version(server.connect(), version);
        assertThatThrownBy(() -> client.get("/subject").receive()).isInstanceOf(SSLException.class);
    }

    private TestServer.Builder certificateServer(String verification) {
        return server(
                        host -> {
                            host.setCertificateVerification(verification);
                            host.setTruststoreFile(TRUST.toString());
                            host.setTruststorePassword(TestKeys.PASSWORD);
                        })
                .handle("/subject", (request, response) -> text(response, subjectOf(request)));
    }

    /** Asks for longer about a certificate than a client's part of the handshake may last. */
    public static final class SlowTrust implements X509TrustManager {

        static final int CONNECTION_TIMEOUT_MS = 300;

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            long began = System.nanoTime();
            long nanos = TimeUnit.MILLISECONDS.toNanos(2 * CONNECTION_TIMEOUT_MS);
            Bounded.until(() -> System.nanoTime() - began > nanos);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatTheServerAsksAboutACertificateIsNotItsClientsTime(String version) throws Exception {
        TestServer server =
                server(
                                host -> {
                                    host.setCertificateVerification("required");
                                    host.setTrustManagerClassName(SlowTrust.class.getName());
                                })
                        .handle(
                                "/subject",
                                (request, response) -> text(response, subjectOf(request)))
                        .property("connectionTimeout", SlowTrust.CONNECTION_TIMEOUT_MS)
                        .start();
        RawClient client = clientWithCertificate(server, version);

        assertThat(client.get("/subject").receive().text()).isEqualTo("CN=client");
    }

    private static RawClient clientWithCertificate(TestServer server, String version)
            throws IOException, GeneralSecurityException {
        RawClient client = server.client(server.address(), CLIENT.showing(TlsUnderTest.KEYS));
        server.closedWithServer(client);
        return version(client, version);
    }

    private static String subjectOf(HttpServletRequest request) {
        return request.getAttribute(SSLSupport.CERTIFICATE_KEY) instanceof X509Certificate[] chain
                ? chain[0].getSubjectX500Principal().getName()
                : "nobody";
    }

    /** As an authenticator of Catalina's asks. */
    @Test
    void aCertificateMayBeAskedForAfterTheHandshakeOfTls12() throws Exception {
        TestServer server = askingServer().start();
        RawClient client = clientWithCertificate(server, "TLSv1.2");

        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(client.request("POST", "/subject", "Content-Length: 4").send("body").receive())
                .extracting(RawResponse::text)
                .isEqualTo("CN=client");
        assertThat(client.get("/subject").receive().text()).isEqualTo("CN=client");
    }

    @Test
    void tls13AsksInItsFirstHandshakeOnlySoARequestGoesOnWithoutACertificate() throws Exception {
        TestServer server = askingServer().start();
        RawClient client = clientWithCertificate(server, "TLSv1.3");

        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        RawResponse response = client.get("/subject").receive();
        assertThat(response.status() + " " + response.text()).isEqualTo("200 nobody");
    }

    private TestServer.Builder askingServer() {
        return certificateServer("none")
                .context(
                        context ->
                                context.getPipeline()
                                        .addValve(
                                                new ValveBase(true) {
                                                    @Override
                                                    public void invoke(
                                                            Request request, Response response)
                                                            throws IOException, ServletException {
                                                        ask(request);
                                                        getNext().invoke(request, response);
                                                    }
                                                }));
    }

    private static void ask(Request request) {
        if (request.getRequestURI().equals("/subject")) {
            request.getCoyoteRequest().action(ActionCode.REQ_SSL_CERTIFICATE, null);
        }
    }

    // ---- sessions and later handshakes ----------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumed(String version) throws Exception {
        TestServer server = server(host -> {}).start();
        SSLContext context = TestKeys.trusting(TlsUnderTest.KEYS);
        long first = sessionOf(server, context, version);
        Bounded.until(() -> System.currentTimeMillis() > first + 1, () -> first);

        assertThat(sessionOf(server, context, version)).isEqualTo(first);
    }

    /** When it was made: a resumed one is as old as the first. */
    private static long sessionOf(TestServer server, SSLContext context, String version)
            throws IOException {
        try (RawClient client = version(server.client(server.address(), context), version)) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            return client.tls().getSession().getCreationTime();
        }
    }

    @Test
    void keysAreRenewedWhileRequestsGoOn() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = version(server.connect(), "TLSv1.3");
        for (int i = 0; i < 20; i++) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            client.tls().startHandshake(); // in TLS 1.3 a KeyUpdate that asks for another
        }
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void keysAreRenewedInTheMiddleOfABody() throws Exception {
        TestServer server = server().handle("/digest", ServerContract::answerDigest).start();
        RawClient client = version(server.connect(), "TLSv1.3");
        byte[] body = Payload.bytes(300_000);
        client.request("POST", "/digest", "Content-Length: " + body.length);
        for (int i = 0; i < body.length; i += 10_000) {
            client.send(Arrays.copyOfRange(body, i, i + 10_000));
            client.tls().startHandshake();
        }
        assertThat(client.receive().text()).isEqualTo(Payload.digest(body.length).toString());
    }

    // ---- ends -----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theServersEndIsToldByCloseNotify(String version) throws Exception {
        TestServer server = helloServer().start();
        RawClient client = version(server.connect(), version);
        assertThat(client.get("/hello", CLOSE).receive().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientsCloseNotifyEndsAnIdleConnection(String version) throws Exception {
        TestServer server = helloServer().start();
        RawClient client = version(server.connect(), version);
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        client.halfClose();
        assertThat(client.wire().getInputStream().readAllBytes()).hasSizeLessThan(100);
        awaitNoConnections(server);
    }

    @Test
    void aBodyThatEndsWithoutCloseNotifyIsNoWholeBody() throws Exception {
        CompletableFuture<Object> read = new CompletableFuture<>();
        TestServer server =
                helloServer()
                        .handle(
                                "/read",
                                (request, response) -> {
                                    try (InputStream in = request.getInputStream()) {
                                        read.complete(in.readAllBytes().length);
                                    } catch (IOException e) {
                                        read.complete(e);
                                        throw e;
                                    }
                                })
                        .start();
        RawClient client = server.connect();
        client.get("/hello").receive(); // so that the FIN does not meet the handshake
        client.request("POST", "/read", "Transfer-Encoding: chunked").chunk("half");
        client.wire().shutdownOutput();
        assertThat(Bounded.value(read)).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    // ---- what is no TLS -------------------------------------------------------------------------

    @Test
    void plainHttpIsToldToUseTls() throws Exception {
        TestServer server = helloServer().start();
        try (RawClient client = RawClient.tcp(server.address())) {
            RawResponse response = client.get("/hello").receive();
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(response.text())
                    .isEqualTo(
                            "Bad Request\r\nThis combination of host and port requires TLS.\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000\u0001\u0002garbage that is neither HTTP nor TLS",
                "\u0016\u0003\u0001\u0000\u0005hello",
                "\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000",
                "\u0016\u0003\u0001\u0000\u0008\u0001\u0000\u0000\u0004\u0003\u0003xx",
                "\u0015\u0003\u0001\u0000\u0002\u0002\u0028",
                "\u0017\u0003\u0003\u0000\u0005hello",
                "\u0080\u002e\u0001\u0003\u0001"
            })
    void garbageEndsItsConnectionAndNoOther(String garbage) throws Exception {
        TestServer server = helloServer().property("connectionTimeout", 1_000).start();
        try (RawClient client = RawClient.tcp(server.address())) {
            client.send(garbage);
            client.halfClose();
            client.awaitEnd();
        }
        assertThat(server.get("/hello").text()).isEqualTo("hello");
        awaitNoConnections(server);
    }

    @Test
    void garbageBehindTheHandshakeEndsTheConnection() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        client.wire()
                .getOutputStream()
                .write("\u0017\u0003\u0003\u0000\u0020".getBytes(StandardCharsets.ISO_8859_1));
        client.wire().getOutputStream().write(new byte[32]);
        assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
        awaitNoConnections(server);
    }

    // ---- half handshakes ------------------------------------------------------------------------

    @Test
    void aHandshakeThatDoesNotGoOnEndsWithItsTime() throws Exception {
        TestServer server = helloServer().property("connectionTimeout", 300).start();
        byte[] hello = firstFlight(server);
        try (RawClient silent = RawClient.tcp(server.address());
                RawClient half = RawClient.tcp(server.address());
                RawClient whole = RawClient.tcp(server.address())) {
            half.send(Arrays.copyOf(hello, hello.length / 2));
            whole.send(hello);
            silent.awaitEnd();
            half.awaitEnd();
            whole.awaitEnd();
        }
        awaitNoConnections(server);
    }

    @Test
    void aThousandHalfHandshakesLeaveNothing() throws Exception {
        TestServer server = helloServer().start();
        byte[] hello = firstFlight(server);
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            RawClient client = server.closedWithServer(RawClient.tcp(server.address()));
            client.send(Arrays.copyOf(hello, i % 2 == 0 ? hello.length : 100));
            clients.add(client);
        }
        assertThat(server.get("/hello").text()).isEqualTo("hello");
        for (RawClient client : clients) {
            client.close();
        }
        awaitNoConnections(server);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    /** What a client begins with. */
    static byte[] firstFlight(TestServer server) throws IOException {
        try (WireSocket wire = wire(server).sends(WireSocket.Sends.HELD)) {
            wire.setSoTimeout(100);
            assertThatThrownBy(() -> over(wire, TRUSTING_ALL).tls().startHandshake())
                    .isInstanceOf(IOException.class);
            return wire.take();
        }
    }

    // ---- records --------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void everythingMayComeByteByByte(String version) throws Exception {
        TestServer server = echoServer().start();
        WireSocket wire = wire(server).sends(WireSocket.Sends.BYTE_BY_BYTE);
        RawClient client = server.closedWithServer(version(over(wire, TRUSTING_ALL), version));
        for (int i = 0; i < 3; i++) {
            client.request("POST", "/echo", "Content-Length: 5").send("hello");
            assertThat(client.receive().text()).isEqualTo("hello");
        }
    }

    private TestServer.Builder echoServer() {
        return helloServer()
                .property("maxKeepAliveRequests", -1)
                .handle(
                        "/echo",
                        (request, response) ->
                                request.getInputStream().transferTo(response.getOutputStream()));
    }

    @Test
    void severalRequestsMayComeInOneRecord() throws Exception {
        TestServer server = echoServer().start();
        RawClient client = server.connect();
        String requests =
                RawClient.text("GET", "/hello").repeat(20)
                        + RawClient.text("POST", "/echo", "Content-Length: 3")
                        + "one"
                        + RawClient.text("GET", "/hello").repeat(20);
        for (int round = 0; round < 3; round++) {
            client.send(requests);
            for (int i = 0; i < 41; i++) {
                assertThat(client.receive().text()).isEqualTo(i == 20 ? "one" : "hello");
            }
        }
    }

    @Test
    void oneRequestMayComeInManyRecords() throws Exception {
        TestServer server = echoServer().start();
        WireSocket wire = wire(server);
        RawClient client = server.closedWithServer(over(wire, TRUSTING_ALL));
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        for (WireSocket.Sends how : WireSocket.Sends.values()) {
            wire.sends(how);
            String request = RawClient.text("POST", "/echo", "Content-Length: 5") + "hello";
            for (char each : request.toCharArray()) {
                client.send(String.valueOf(each)); // a record of its own
            }
            wire.release();
            assertThat(client.receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void recordsThatComeTogetherAreServedOneAfterTheOther() throws Exception {
        TestServer server = echoServer().start();
        WireSocket wire = wire(server);
        RawClient client = server.closedWithServer(over(wire, TRUSTING_ALL));
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        wire.sends(WireSocket.Sends.HELD);
        for (int i = 0; i < 200; i++) {
            client.get("/hello");
        }
        wire.release();
        for (int i = 0; i < 200; i++) {
            assertThat(client.receive().text()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aLargeBodyGoesBothWays(String version) throws Exception {
        long size = 20_000_000;
        TestServer server =
                server().handle(
                                "/down",
                                (request, response) ->
                                        Payload.write(response.getOutputStream(), size))
                        .handle("/up", ServerContract::answerDigest)
                        .start();
        RawClient client = version(server.connectSlowReader(), version);
        client.get("/down");
        RawResponse head = client.receiveHead();
        try (InputStream body = client.body(head)) {
            assertThat(Payload.digest(body)).isEqualTo(Payload.digest(size));
        }
        client.request("POST", "/up", "Content-Length: " + size);
        Payload.write(client.out(), size);
        assertThat(client.receive().text()).isEqualTo(Payload.digest(size).toString());
    }

    @Test
    void aWriterThatWaitsForItsClientHoldsUpNoOther() throws Exception {
        TestServer server =
                helloServer()
                        .handle(
                                "/down",
                                (request, response) ->
                                        Payload.write(response.getOutputStream(), 64L << 20))
                        .start();
        RawClient slow = server.connectSlowReader().get("/down");
        slow.receiveHead();
        for (int i = 0; i < 20; i++) {
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }
        slow.close();
        awaitNoConnections(server);
    }

    @Test
    void anEndIsNoHandshake() throws Exception {
        TestServer server = helloServer().start();
        try (RawClient client = RawClient.tcp(server.address())) {
            client.halfClose();
            assertThatThrownBy(client::receiveHead).isInstanceOf(EOFException.class);
        }
        awaitNoConnections(server);
    }
}
