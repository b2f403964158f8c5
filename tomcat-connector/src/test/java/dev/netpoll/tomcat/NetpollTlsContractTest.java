// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    }
}
