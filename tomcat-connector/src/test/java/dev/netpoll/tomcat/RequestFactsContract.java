// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.ServletConnection;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Context;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.loader.WebappClassLoaderBase;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.apache.catalina.valves.RemoteAddrValve;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.Test;

import java.io.CharArrayWriter;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** What a request knows about its connection, over every kind of socket. */
abstract class RequestFactsContract extends ServerContract {

    @Test
    void theAddressesAndPortsOfBothSidesAreKnown() throws Exception {
        TestServer server = factsServer().start();

        RawClient client = server.connect().get("/facts");

        assertThat(client.receive().text())
                .isEqualTo(
                        "remote 127.0.0.1:%d local 127.0.0.1:%d server localhost:%s"
                                .formatted(
                                        client.localAddress().getPort(),
                                        server.port(),
                                        subject().tls() == null
                                                ? "80 http HTTP/1.1 false"
                                                : "443 https HTTP/1.1 true"));
        assertThat(client.get("/facts").receive().text())
                .startsWith("remote 127.0.0.1:" + client.localAddress().getPort());
    }

    @Test
    void theServersNameAndPortComeFromTheHostHeader() throws Exception {
        TestServer server = factsServer().start();

        RawResponse response =
                server.connect()
                        .send("GET /facts HTTP/1.1\r\nHost: shop.example:8443\r\n\r\n")
                        .receive();

        assertThat(response.text()).contains("server shop.example:8443");
    }

    @Test
    void remoteHostIsTheAddressUnlessLookupsAreOn() throws Exception {
        TestServer server =
                server().handle(
                                "/host",
                                (request, response) ->
                                        text(
                                                response,
                                                request.getRemoteHost()
                                                        + " "
                                                        + request.getLocalName()))
                        .start();

        String[] names = server.get("/host").text().split(" ");

        assertThat(names[0]).isEqualTo("127.0.0.1");
        assertThat(names[1]).isEqualTo(InetAddress.getByName("127.0.0.1").getHostName());
    }

    @Test
    void ipv6IsServed() throws Exception {
        TestServer server = factsServer().property("address", "::1").start();

        RawClient client =
                server.closedWithServer(server.client(new InetSocketAddress("::1", server.port())));

        assertThat(client.get("/facts").receive().text())
                .startsWith(
                        "remote 0:0:0:0:0:0:0:1:%d local 0:0:0:0:0:0:0:1:%d"
                                .formatted(client.localAddress().getPort(), server.port()));
    }

    @Test
    void ipv4IsServedThroughTheWildcardAddressAndLooksLikeIpv4() throws Exception {
        TestServer server = factsServer().property("address", "::").start();

        RawClient client = server.connect();

        assertThat(client.get("/facts").receive().text())
                .startsWith(
                        "remote 127.0.0.1:%d local 127.0.0.1:%d"
                                .formatted(client.localAddress().getPort(), server.port()));
    }

    /** On every interface of this host that has one: 0:0:0:0:0:0:0:1 has no scope to show. */
    @Test
    void aLinkLocalClientIsShownWithItsScope() throws Exception {
        TestServer server = factsServer().property("address", "::").start();
        for (Inet6Address address : linkLocalAddresses()) {
            String scoped = withoutScope(address) + "%" + address.getScopeId();
            assertThat(factsFrom(address, server)).startsWith("remote " + scoped + ":");
        }
    }

    @Test
    void aLinkLocalAddressIsListenedOnWithItsScope() throws Exception {
        for (Inet6Address address : linkLocalAddresses()) {
            TestServer server = factsServer().property("address", address.getHostAddress()).start();
            String scoped = withoutScope(address) + "%" + address.getScopeId();
            assertThat(factsFrom(address, server)).contains(" local " + scoped + ":");
        }
    }

    private static List<Inet6Address> linkLocalAddresses() throws IOException {
        List<Inet6Address> found = new ArrayList<>();
        for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(card.getInetAddresses())) {
                if (address instanceof Inet6Address v6 && v6.isLinkLocalAddress() && card.isUp()) {
                    found.add(v6);
                }
            }
        }
        return found;
    }

    private static String withoutScope(Inet6Address address) {
        return address.getHostAddress().replaceAll("%.*", "");
    }

    private static String factsFrom(InetAddress address, TestServer server) throws IOException {
        try (RawClient client = server.client(new InetSocketAddress(address, server.port()))) {
            return client.get("/facts").receive().text();
        }
    }

    @Test
    void aUnixDomainSocketIsServed() throws Exception {
        Path directory = Files.createTempDirectory("netpoll");
        Path path = directory.resolve("http.sock");
        TestServer server =
                factsServer()
                        .handle("/digest", ServerContract::answerDigest)
                        .property("unixDomainSocketPath", path)
                        .start();

        RawClient client = server.closedWithServer(RawClient.unix(path));
        assertThat(client.get("/facts").receive().text()).startsWith("remote ");
        client.request("POST", "/digest", "Content-Length: 1000000").send(Payload.bytes(1_000_000));
        assertThat(client.receive().text()).isEqualTo(Payload.digest(1_000_000).toString());
        client.halfClose();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        server.close();

        assertThat(path).as("removed with the server").doesNotExist();
        Files.delete(directory);
    }

    @Test
    void theConnectionIsDescribed() throws Exception {
        TestServer server =
                server().handle(
                                "/connection",
                                (request, response) -> {
                                    ServletConnection connection = request.getServletConnection();
                                    text(
                                            response,
                                            connection.getProtocol()
                                                    + " "
                                                    + connection.isSecure()
                                                    + " "
                                                    + connection.getConnectionId().isEmpty()
                                                    + " ["
                                                    + connection.getProtocolConnectionId()
                                                    + "] ["
                                                    + request.getProtocolRequestId()
                                                    + "]");
                                })
                        .start();

        assertThat(server.get("/connection").text())
                .isEqualTo("http/1.1 " + (subject().tls() != null) + " false [] [null]");
    }

    @Test
    void handlersRunWithTheirApplicationsClassLoader() throws Exception {
        TestServer server =
                server().handle(
                                "/loader",
                                (request, response) ->
                                        text(
                                                response,
                                                ""
                                                        + (Thread.currentThread()
                                                                        .getContextClassLoader()
                                                                instanceof WebappClassLoaderBase)))
                        .start();

        assertThat(server.get("/loader").text()).isEqualTo("true");
    }

    @Test
    void anInterruptLeftBehindHitsNoOtherRequest() throws Exception {
        Queue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
        TestServer server =
                server().property("maxThreads", 1)
                        .handle(
                                "/interrupt",
                                (request, response) -> {
                                    interrupted.add(Thread.currentThread().isInterrupted());
                                    Thread.currentThread().interrupt();
                                })
                        .start();

        for (int i = 0; i < 5; i++) {
            // What this request's own connection gets is undefined: its thread is interrupted while
            // it answers.
            server.connect().get("/interrupt", "Connection: close").awaitEnd();
        }

        assertThat(interrupted).hasSize(5).containsOnly(false);
    }

    // ---- after the client has reset the connection ----------------------------------------------

    @Test
    void bothAddressesAreKnownAfterTheClientHasReset() throws Exception {
        assertKnownAfterReset("127.0.0.1", "127.0.0.1");
    }

    @Test
    void bothAddressesAreKnownAfterAnIpv6ClientHasReset() throws Exception {
        assertKnownAfterReset("::1", "::1");
    }

    @Test
    void anIpv4ClientOfTheWildcardAddressIsKnownAfterItHasReset() throws Exception {
        assertKnownAfterReset("::", "127.0.0.1");
    }

    private void assertKnownAfterReset(String listening, String host) throws Exception {
        CompletableFuture<String> facts = new CompletableFuture<>();
        TestServer server =
                resetServer(request -> facts.complete(facts(request)))
                        .property("address", listening)
                        .start();

        RawClient client = server.client(new InetSocketAddress(host, server.port()));
        InetSocketAddress remote = client.localAddress();
        resetDuringTheRequest(client);

        String address = InetAddress.getByName(host).getHostAddress();
        assertThat(Bounded.value(facts))
                .startsWith(
                        "remote %s:%d local %s:%d "
                                .formatted(address, remote.getPort(), address, server.port()));
    }

    @Test
    void theAccessLogKnowsTheAddressesOfAClientThatHasReset() throws Exception {
        CompletableFuture<String> line = new CompletableFuture<>();
        TestServer server =
                resetServer(request -> {}).context(logging("%a %h %{remote}p %A", line)).start();

        RawClient client = server.connect();
        int port = client.localAddress().getPort();
        resetDuringTheRequest(client);

        assertThat(Bounded.value(line))
                .isEqualTo("127.0.0.1 127.0.0.1 %d 127.0.0.1".formatted(port));
    }

    @Test
    void anAddressFilterLetsAClientInThoughItHasReset() throws Exception {
        CompletableFuture<String> reached = new CompletableFuture<>();
        RemoteAddrValve filter = new RemoteAddrValve();
        filter.setAllow("127\\.0\\.0\\.1");
        TestServer server =
                server().context(behindAReset(filter))
                        .handle(
                                "/reset",
                                (request, response) -> reached.complete(request.getRemoteAddr()))
                        .start();

        resetDuringTheRequest(server.connect());

        assertThat(Bounded.value(reached)).isEqualTo("127.0.0.1");
    }

    @Test
    void aTrustedProxyIsRecognizedThoughItHasReset() throws Exception {
        CompletableFuture<String> reached = new CompletableFuture<>();
        TestServer server =
                server().context(behindAReset(new RemoteIpValve()))
                        .handle(
                                "/reset",
                                (request, response) -> reached.complete(request.getRemoteAddr()))
                        .start();

        resetDuringTheRequest(server.connect(), "X-Forwarded-For: 203.0.113.9");

        assertThat(Bounded.value(reached)).isEqualTo("203.0.113.9");
    }

    private static Consumer<Context> behindAReset(Valve valve) {
        return context -> {
            context.getPipeline().addValve(new AwaitReset());
            context.getPipeline().addValve(valve);
        };
    }

    /** Lets a request through as soon as its client has reset the connection. */
    private static final class AwaitReset extends ValveBase {

        private AwaitReset() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response)
                throws IOException, ServletException {
            awaitReset(request);
            getNext().invoke(request, response);
        }
    }

    private static Consumer<Context> logging(String pattern, CompletableFuture<String> line) {
        AbstractAccessLogValve log =
                new AbstractAccessLogValve() {
                    @Override
                    protected void log(CharArrayWriter message) {
                        line.complete(message.toString());
                    }
                };
        log.setPattern(pattern);
        return context -> context.getPipeline().addValve(log);
    }

    /** Calls {@code seen} at {@code /reset} as soon as the client has reset the connection. */
    private TestServer.Builder resetServer(Consumer<HttpServletRequest> seen) {
        return server().handle(
                        "/reset",
                        (request, response) -> {
                            awaitReset(request);
                            seen.accept(request);
                        });
    }

    /** Waits for a body that never comes: only the end of the connection ends it. */
    private static void awaitReset(HttpServletRequest request) {
        assertThatThrownBy(() -> request.getInputStream().readAllBytes())
                .isInstanceOf(IOException.class);
    }

    /** Returns when the reset is sent; {@link #awaitReset} is where it has arrived. */
    private static void resetDuringTheRequest(RawClient client, String... headers)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Length: 10");
        client.finishHandshake();
        client.request("POST", "/reset", all.toArray(String[]::new)).send("half");
        client.reset();
    }

    // ---- what is asked --------------------------------------------------------------------------

    private TestServer.Builder factsServer() {
        return server().handle("/facts", (request, response) -> text(response, facts(request)));
    }

    private static String facts(HttpServletRequest request) {
        return "remote %s:%d local %s:%d server %s:%d %s %s %s"
                .formatted(
                        request.getRemoteAddr(),
                        request.getRemotePort(),
                        request.getLocalAddr(),
                        request.getLocalPort(),
                        request.getServerName(),
                        request.getServerPort(),
                        request.getScheme(),
                        request.getProtocol(),
                        request.isSecure());
    }
}
