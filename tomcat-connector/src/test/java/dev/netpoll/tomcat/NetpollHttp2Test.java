// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

/** HTTP/2 as our own connector keeps it, plain and over TLS. */
class NetpollHttp2Test {

    @Nested
    class Plain extends Http2UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }
    }

    @Nested
    class OverTls extends Http2Contract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }
    }

    @Nested
    class AsyncIo extends AsyncIoContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }
    }

    @Nested
    class AsyncIoOverTls extends AsyncIoContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }
    }
}
