// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/** The contract over TLS as our own connector keeps it. */
class NetpollTlsContractTest extends ContractsOverTls {
    @Override
    TlsUnderTest overTls() {
        return new TlsUnderTest(NetpollContractTest.NETPOLL);
    }
}
