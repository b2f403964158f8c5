// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/** The same over TLS: deadlines, hard deadlines, leaves and half-closes, behind an encrypting connection. */
class ContextValveTlsTest extends ContextValveTest {

    @Override
    ConnectorUnderTest subject() {
        return new TlsUnderTest(NetpollContractTest.NETPOLL);
    }
}
