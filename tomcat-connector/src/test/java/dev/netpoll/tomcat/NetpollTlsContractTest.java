// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The contract over TLS as our own connector keeps it. */
class NetpollTlsContractTest extends ContractsOverTls {
    @Override
    TlsUnderTest overTls() {
        return new TlsUnderTest(NetpollContractTest.NETPOLL);
    }

    /** Not NIO's, which resets such a connection over TLS (docs/differences-from-nio.md, late-bytes). */
    @Nested
    class Closing extends ClosingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    /** Not NIO's, which over TLS waits for ever where a server sends by futures to a client that does not read. */
    @Nested
    class WebSocketEnds extends WebSocketEndsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class NonBlocking extends NonBlockingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Disconnects extends DisconnectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    /** Ours alone: see docs/differences-from-nio.md. */
    @Nested
    class OursAlone extends ServerContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }

        @Test
        void aClientMayNotRenegotiateTwice() throws Exception {
            TestServer server = helloServer().start();
            RawClient client = TlsContract.version(server.connect(), "TLSv1.2");
            client.patience(5_000);
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            client.tls().startHandshake();
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            assertThatThrownBy(
                            () -> {
                                client.tls().startHandshake();
                                client.get("/hello").receive();
                            })
                    .isInstanceOf(IOException.class);
            client.close();
            awaitNoConnections(server);
        }

        @Test
        void aClientMayRenegotiateInTheMiddleOfABody() throws Exception {
            TestServer server = server().handle("/digest", ServerContract::answerDigest).start();
            RawClient client = TlsContract.version(server.connect(), "TLSv1.2");
            byte[] body = Payload.bytes(300_000);
            client.request("POST", "/digest", "Content-Length: " + body.length);
            client.send(Arrays.copyOfRange(body, 0, 100_000));
            client.tls().startHandshake();
            client.send(Arrays.copyOfRange(body, 100_000, 300_000));
            assertThat(client.receive().text()).isEqualTo(Payload.digest(body.length).toString());
        }

        /** NIO logs a stack trace for each. */
        @Test
        void aGroupThatIsNamedTwiceFailsItsHandshakeWithoutAWordInTheLog() throws Exception {
            TestServer server = helloServer().start();
            byte[] hello = TlsContract.firstFlight(server);
            byte[] groups = {0, 10, 0, 22, 0, 20, 0, 29, 0, 23};
            int at = new String(hello, ISO_8859_1).indexOf(new String(groups, ISO_8859_1));
            assertThat(at).isPositive();
            hello[at + 7] = 23; // the second of them, twice

            try (RawClient client = RawClient.tcp(server.address())) {
                client.send(hello);
                assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
            }
            awaitNoConnections(server);
        }

        /** On NIO each byte gives it another connection timeout. */
        @Test
        void aHandshakeThatTricklesEndsWithItsTimeAndIsCounted() throws Exception {
            TestServer server = helloServer().property("connectionTimeout", 300).start();
            byte[] hello = TlsContract.firstFlight(server);
            try (RawClient client = RawClient.tcp(server.address())) {
                client.patience(10); // between two bytes
                assertThatThrownBy(() -> trickle(client, hello)).isInstanceOf(EOFException.class);
            }
            awaitNoConnections(server);
            var statistics = ((NetpollHttp11Protocol) server.protocol()).statistics();
            assertThat(statistics.expired()).containsEntry(DeadlineKind.HANDSHAKE, 1L);
        }

        private static void trickle(RawClient client, byte[] hello) throws IOException {
            for (byte each : hello) {
                client.send(new byte[] {each});
                try {
                    if (client.in().read() < 0) {
                        throw new EOFException();
                    }
                } catch (SocketTimeoutException stillOpen) {
                    // the next
                }
            }
        }

        /** What a half handshake holds: a record's buffer, a parked thread, and JSSE's state of it. */
        @Test
        void aThousandHalfHandshakesHoldLittle() throws Exception {
            TestServer server = helloServer().start();
            byte[] hello = TlsContract.firstFlight(server);
            server.get("/hello");
            long before = liveHeap();
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                RawClient client = server.closedWithServer(RawClient.tcp(server.address()));
                clients.add(client.send(Arrays.copyOf(hello, i % 2 == 0 ? hello.length : 100)));
            }
            for (int i = 0; i < 1_000; i += 2) {
                assertThat(clients.get(i).in().read()).isEqualTo(0x16);
            }

            long each = (liveHeap() - before) / 1_000;
            System.out.println("live heap of a half handshake: " + each + " B");
            assertThat(each).isLessThan(64 * 1024);
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }

        private static long liveHeap() {
            System.gc();
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }

        /** JSSE would say that the user has cancelled; NIO says nothing. */
        @Test
        void aClientThatLeavesWithinItsHandshakeIsToldNothing() throws Exception {
            TestServer server = helloServer().start();
            byte[] hello = TlsContract.firstFlight(server);
            try (RawClient client = RawClient.tcp(server.address())) {
                client.send(hello);
                client.halfClose();
                String answer = new String(client.in().readAllBytes(), ISO_8859_1);
                assertThat(answer).startsWith("\u0016").doesNotContain("\u0015\u0003\u0003");
            }
            awaitNoConnections(server);
        }
    }
}
