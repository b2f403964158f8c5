package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletConnection;

import org.apache.catalina.loader.WebappClassLoaderBase;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a request knows about its connection, over every kind of socket. */
abstract class RequestFactsContract extends ServerContract {

    @Test
    void theAddressesAndPortsOfBothSidesAreKnown() throws Exception {
        TestServer server = factsServer().start();

        RawClient client = server.connect().get("/facts");

        assertThat(client.receive().text())
                .isEqualTo(
                        "remote 127.0.0.1:%d local 127.0.0.1:%d server localhost:80 http HTTP/1.1 false"
                                .formatted(client.localAddress().getPort(), server.port()));
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
                server.closedWithServer(RawClient.tcp(new InetSocketAddress("::1", server.port())));

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

    @Test
    void aUnixDomainSocketIsServed() throws Exception {
        Path directory = Files.createTempDirectory("netpoll");
        Path path = directory.resolve("http.sock");
        TestServer server =
                factsServer()
                        .handle(
                                "/digest",
                                (request, response) ->
                                        text(
                                                response,
                                                Payload.digest(request.getInputStream())
                                                        .toString()))
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

        assertThat(server.get("/connection").text()).isEqualTo("http/1.1 false false [] [null]");
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

    private TestServer.Builder factsServer() {
        return server().handle(
                        "/facts",
                        (request, response) ->
                                text(
                                        response,
                                        "remote %s:%d local %s:%d server %s:%d %s %s %s"
                                                .formatted(
                                                        request.getRemoteAddr(),
                                                        request.getRemotePort(),
                                                        request.getLocalAddr(),
                                                        request.getLocalPort(),
                                                        request.getServerName(),
                                                        request.getServerPort(),
                                                        request.getScheme(),
                                                        request.getProtocol(),
                                                        request.isSecure())));
    }
}
