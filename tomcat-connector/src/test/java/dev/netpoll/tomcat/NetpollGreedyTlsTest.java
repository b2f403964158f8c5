// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

import java.util.Set;

/** The contract over an engine of TLS that takes in more than it gives, as OpenSSL's does. */
class NetpollGreedyTlsTest {

    private static final TlsUnderTest GREEDY =
            new TlsUnderTest(
                    NetpollContractTest.NETPOLL, Set.of(), GreedyImplementation.class.getName());

    @Nested
    class Tls extends TlsContract {
        @Override
        protected TlsUnderTest subject() {
            return GREEDY;
        }
    }

    @Nested
    class PipelineOrder extends PipelineOrderContract {
        @Override
        protected ConnectorUnderTest subject() {
            return GREEDY;
        }
    }
}
