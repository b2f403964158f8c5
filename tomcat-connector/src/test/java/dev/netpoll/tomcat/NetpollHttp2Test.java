// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.apache.catalina.connector.Connector;
import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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

    /**
     * Ours alone: NIO tells of a pause only those that speak HTTP/2 and rest when it begins. Over TLS, because Tomcat
     * ends at once what speaks HTTP/1.1 then, and with it prior knowledge.
     */
    @Nested
    class Pauses extends Http2ServerContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }

        @Test
        void aConnectionThatRestsAfterItsBeginningIsToldOfIt() throws Exception {
            TestServer server = http2Server().start();
            RawClient raw = server.connect();
            Bounded.until("it has come", () -> connections(server) == 1);
            server.connector().pause();
            Http2Client client = Http2Client.over(raw, true).preface().get(1, "/hello");
            Http2Client.Frame goAway = client.next(Http2Client.GOAWAY, 0);
            assertThat(goAway.error()).isEqualTo(Http2Client.NO_ERROR);
            assertThat(goAway.number()).isEqualTo(Integer.MAX_VALUE);
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

    @Nested
    class Files extends Http2FilesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }
    }

    @Nested
    class FilesOverTls extends Http2FilesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }
    }

    @Nested
    class Times extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }
    }

    @Nested
    class TimesOverTls extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }
    }

    @Nested
    class SynchronousTimes extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return SYNCHRONOUS;
        }
    }

    /** An application's own, which has Tomcat's own handler. */
    private static final class Derived extends Http2Protocol {}

    @Nested
    class OfASubclass extends Http2UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }

        @Override
        Http2Protocol http2() {
            return new Derived();
        }
    }

    @Nested
    class OfASubclassOverTls extends Http2Contract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }

        @Override
        Http2Protocol http2() {
            return new Derived();
        }
    }

    @Nested
    class FilesOfASubclass extends Http2FilesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }

        @Override
        Http2Protocol http2() {
            return new Derived();
        }
    }

    @Nested
    class TimesOfASubclassOverTls extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }

        @Override
        Http2Protocol http2() {
            return new Derived();
        }
    }
}
