// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

import java.util.Set;

/** The contract over OpenSSL's TLS, where an engine of another making may tell, as our own connector keeps it. */
class NetpollOpenSslTest extends ContractsOverOpenSsl {

    @Override
    TlsUnderTest overOpenSsl() {
        return OpenSsl.over(NetpollContractTest.NETPOLL, Set.of());
    }

    @Nested
    class Tls extends TlsContract {
        @Override
        protected TlsUnderTest subject() {
            return overOpenSsl();
        }

        /** A session of TLS 1.2 has no id there. */
        @Override
        void aRequestKnowsWhatWasAgreedUpon(String version) throws Exception {
            if (version.equals("TLSv1.3")) {
                super.aRequestKnowsWhatWasAgreedUpon(version);
            }
        }
    }

    @Nested
    class TlsSessions extends OpenSslSessionsContract {
        @Override
        protected TlsUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Bodies extends BodyContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class PipelineOrder extends PipelineOrderContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class KeepAlive extends KeepAliveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class NonBlocking extends NonBlockingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Disconnects extends DisconnectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Closing extends ClosingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Upgrades extends UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class WebSockets extends WebSocketContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class WebSocketEnds extends WebSocketEndsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Sendfile extends SendfileContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class AsyncIo extends AsyncIoContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class Http2 extends Http2Contract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }
}
