// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.netpoll.testsupport.Bounded;

import org.apache.catalina.valves.AbstractAccessLogValve;
import org.apache.catalina.valves.RemoteIpValve;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.CharArrayWriter;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Connections of trusted proxies begin with a PROXY header: on real sockets, plain and over TLS. */
class ProxyProtocolTest {

    private static final String HEADER = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";

    /** The same, in version 2. */
    private static final String BINARY =
            "\r\n\r\n\u0000\r\nQUIT\n\u0021\u0011\u0000\u000c"
                    + "\u00c0\u0000\u0002\u0007\u0001\u0002\u0003\u0004\u00dc\u0004\u0001\u00bb";

    abstract static class Connections extends ServerContract {

        private TestServer.Builder behindProxy() {
            return server().property("proxyProtocolTrusted", "::1, 127.0.0.0/8")
                    .handle(
                            "/who",
                            (request, response) ->
                                    text(
                                            response,
                                            request.getRemoteAddr()
                                                    + " "
                                                    + request.getRemoteHost()
                                                    + " "
                                                    + request.getRemotePort()));
        }

        /** Speaks TLS behind {@code header}, where the connector does. */
        private RawClient announced(TestServer server, String header) throws IOException {
            RawClient plain = server.closedWithServer(RawClient.tcp(server.address()));
            plain.send(header);
            return subject().tls() == null ? plain : plain.over(subject().tls());
        }

        private NetpollHttp11Protocol protocol(TestServer server) {
            return (NetpollHttp11Protocol) server.protocol();
        }

        @Test
        void theClientIsWhomTheHeaderNames() throws Exception {
            TestServer server = behindProxy().start();
            for (String header : List.of(HEADER, BINARY)) {
                RawClient client = announced(server, header);
                for (int i = 0; i < 3; i++) {
                    assertThat(client.get("/who").receive().text())
                            .isEqualTo("192.0.2.7 192.0.2.7 56324");
                }
            }
        }

        @Test
        void theHeaderMayComeByteByByte() throws Exception {
            TestServer server = behindProxy().start();
            for (String header : List.of(HEADER, BINARY)) {
                RawClient plain = server.closedWithServer(RawClient.tcp(server.address()));
                for (char each : header.toCharArray()) {
                    plain.send(String.valueOf(each));
                }
                RawClient client = subject().tls() == null ? plain : plain.over(subject().tls());
                assertThat(client.get("/who").receive().text()).startsWith("192.0.2.7 ");
            }
        }

        @Test
        void aProxyThatSpeaksForItselfIsTheClient() throws Exception {
            TestServer server = behindProxy().start();
            RawClient client = announced(server, "PROXY UNKNOWN\r\n");
            assertThat(client.get("/who").receive().text()).startsWith("127.0.0.1 ");
        }

        @Test
        void theTableOfConnectionsNamesTheClient() throws Exception {
            TestServer server = behindProxy().start();
            RawClient client = announced(server, HEADER);
            client.get("/who").receive();
            assertThat(protocol(server).connections(null, 10))
                    .singleElement()
                    .extracting(ConnectionSnapshot::remote)
                    .isEqualTo("192.0.2.7:56324");
        }

        @Test
        void theAccessLogNamesTheClient() throws Exception {
            Queue<String> lines = new ConcurrentLinkedQueue<>();
            AbstractAccessLogValve log =
                    new AbstractAccessLogValve() {
                        @Override
                        protected void log(CharArrayWriter message) {
                            lines.add(message.toString());
                        }
                    };
            log.setPattern("%a %{remote}p %U");
            TestServer server =
                    behindProxy().context(context -> context.getPipeline().addValve(log)).start();
            announced(server, HEADER).get("/who").receive();
            Bounded.until(() -> !lines.isEmpty(), () -> lines);
            assertThat(lines).containsExactly("192.0.2.7 56324 /who");
        }

        @Test
        void remoteIpValveTrustsTheClientAndNoLongerTheProxy() throws Exception {
            RemoteIpValve valve = new RemoteIpValve();
            valve.setInternalProxies("192\\.0\\.2\\.7");
            TestServer server =
                    behindProxy().context(context -> context.getPipeline().addValve(valve)).start();
            RawClient inside = announced(server, HEADER);
            assertThat(inside.get("/who", "X-Forwarded-For: 203.0.113.9").receive().text())
                    .startsWith("203.0.113.9 ");
            RawClient outside = announced(server, HEADER.replace("192.0.2.7", "192.0.2.8"));
            assertThat(outside.get("/who", "X-Forwarded-For: 203.0.113.9").receive().text())
                    .startsWith("192.0.2.8 ");
        }

        @Test
        void whatIsNoHeaderEndsTheConnectionAndIsCounted() throws Exception {
            TestServer server = behindProxy().start();
            int count = 0;
            for (String wrong :
                    List.of("GET /who HTTP/1.1\r\nHost: x\r\n\r\n", "PROXY TCP5 x\r\n")) {
                try (RawClient client = RawClient.tcp(server.address())) {
                    assertThat(client.send(wrong).awaitEnd().rest()).isZero();
                }
                count++;
            }
            try (RawClient client = RawClient.tcp(server.address())) {
                client.send(HEADER.substring(0, 20)).halfClose();
                assertThat(client.awaitEnd().rest()).isZero();
            }
            awaitNoConnections(server);
            assertThat(protocol(server).statistics().closed())
                    .containsEntry(ClosedBy.PROXY, count + 1L);
        }

        @Test
        void aProxyThatOnlyLooksWhetherThePortIsOpenIsNotCounted() throws Exception {
            TestServer server = behindProxy().start();
            try (RawClient client = RawClient.tcp(server.address())) {
                client.halfClose();
                client.awaitEnd();
            }
            awaitNoConnections(server);
            assertThat(protocol(server).statistics().closed())
                    .containsEntry(ClosedBy.PROXY, 0L)
                    .containsEntry(ClosedBy.PEER, 1L);
        }

        @Test
        void aHeaderThatDoesNotComeInItsTimeEndsTheConnection() throws Exception {
            TestServer server = behindProxy().property("proxyProtocolTimeout", 200).start();
            try (RawClient silent = RawClient.tcp(server.address());
                    RawClient half = RawClient.tcp(server.address())) {
                half.send(HEADER.substring(0, 20));
                silent.awaitEnd();
                half.awaitEnd();
            }
            awaitNoConnections(server);
            assertThat(protocol(server).statistics().expired())
                    .containsEntry(DeadlineKind.PROXY, 2L);
            assertThat(protocol(server).statistics().closed()).containsEntry(ClosedBy.PROXY, 2L);
        }

        @Test
        void whoIsNotTrustedIsServedWithoutAHeader() throws Exception {
            TestServer server =
                    behindProxy().property("proxyProtocolTrusted", "192.0.2.0/24").start();
            assertThat(server.get("/who").text()).startsWith("127.0.0.1 ");
            assertThat(protocol(server).statistics().closed()).containsEntry(ClosedBy.PROXY, 0L);
        }

        @Test
        void theConnectionTimeoutHoldsBehindTheHeader() throws Exception {
            TestServer server = behindProxy().property("connectionTimeout", 200).start();
            try (RawClient silent = RawClient.tcp(server.address())) {
                silent.send(HEADER);
                silent.awaitEnd();
            }
            awaitNoConnections(server);
            assertThat(protocol(server).statistics().expired())
                    .containsEntry(DeadlineKind.HEADER, 1L);
        }
    }

    @Nested
    class Plain extends Connections {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }

        @Test
        void aRequestMayComeWithTheHeader() throws Exception {
            TestServer server = helloServer().property("proxyProtocolTrusted", "127.0.0.1").start();
            RawClient client = server.connect();
            String request = RawClient.text("GET", "/hello");
            client.send(HEADER + request + request);
            assertThat(client.receive().text()).isEqualTo("hello");
            assertThat(client.receive().text()).isEqualTo("hello");
        }

        @Test
        void overAUnixDomainSocketTheHeaderIsExpectedToo() throws Exception {
            Path path = Files.createTempDirectory("netpoll").resolve("s");
            TestServer server =
                    server().property("unixDomainSocketPath", path)
                            .property("proxyProtocolTrusted", "127.0.0.1")
                            .handle(
                                    "/who",
                                    (request, response) -> text(response, request.getRemoteAddr()))
                            .start();
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                channel.write(ByteBuffer.wrap(HEADER.getBytes()));
            }
            RawClient client = server.closedWithServer(RawClient.unix(path));
            assertThat(client.send(HEADER).get("/who").receive().text()).isEqualTo("192.0.2.7");
            server.close();
            Files.delete(path.getParent());
        }
    }

    @Nested
    class OverTls extends Connections {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }

        @Test
        void aHandshakeMayBeginWithTheHeader() throws Exception {
            TestServer server = helloServer().property("proxyProtocolTrusted", "127.0.0.1").start();
            byte[] hello = TlsContract.firstFlight(server);
            try (RawClient client = RawClient.tcp(server.address())) {
                client.send(HEADER + new String(hello, ISO_8859_1));
                assertThat(client.in().read()).as("a record of the handshake").isEqualTo(0x16);
            }
            awaitNoConnections(server);
        }
    }
}
