// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Nested;

/** HTTP/2 as our own connector keeps it, plain and over TLS. */
class NetpollHttp2Test {

    /** Has Tomcat's synchronous handler, by Tomcat's own setting. */
    private static final ConnectorUnderTest SYNCHRONOUS =
            new ConnectorUnderTest() {
                @Override
                public String protocol() {
                    return NetpollContractTest.NETPOLL.protocol();
                }

                @Override
                public String name() {
                    return protocol() + " without asynchronous I/O";
                }

                @Override
                public long connectionsWhenIdle() {
                    return NetpollContractTest.NETPOLL.connectionsWhenIdle();
                }

                @Override
                public void tune(Connector connector) {
                    connector.setProperty("useAsyncIO", "false");
                }
            };

    @Nested
    class Synchronous extends Http2UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return SYNCHRONOUS;
        }
    }

    @Nested
    class SynchronousOverTls extends Http2Contract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(SYNCHRONOUS);
        }
    }

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
