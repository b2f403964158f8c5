// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.IOException;

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
        void aClientMayNotRenegotiate() throws Exception {
            TestServer server = helloServer().start();
            RawClient client = TlsContract.version(server.connect(), "TLSv1.2");
            client.patience(5_000);
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
