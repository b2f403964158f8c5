// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Nested;

/** The contract where each loop accepts for itself: all of it that accepting has a part in. */
class ReusePortContractTest {

    private static final ConnectorUnderTest EACH_LOOP =
            new ConnectorUnderTest() {
                @Override
                public String protocol() {
                    return NetpollContractTest.NETPOLL.protocol();
                }

                @Override
                public String name() {
                    return protocol() + " with an acceptor for each loop";
                }

                @Override
                public void tune(Connector connector) {
                    connector.setProperty("loops", "3");
                    connector.setProperty("reusePort", "true");
                }
            };

    @Nested
    class KeepAlive extends KeepAliveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }

    @Nested
    class Lifecycle extends LifecycleContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }

        /** Each listener has a queue of that length, and its acceptor takes one connection out of it. */
        @Override
        void theBacklogIsAsLongAsTheAcceptCount() {}
    }

    @Nested
    class Management extends ManagementContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }

    @Nested
    class MixedTraffic extends MixedTrafficContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }

    @Nested
    class SocketOptions extends SocketOptionsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }

    @Nested
    class RequestFacts extends RequestFactsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return EACH_LOOP;
        }
    }
}
