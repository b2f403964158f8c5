// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/** The same over TLS. */
class Http2ContextTlsTest extends Http2ContextTest {

    @Override
    ConnectorUnderTest subject() {
        return new TlsUnderTest(NetpollContractTest.NETPOLL);
    }
}
