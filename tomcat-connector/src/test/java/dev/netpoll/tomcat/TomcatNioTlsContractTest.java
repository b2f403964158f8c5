// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/** The contract over TLS as Tomcat's own NIO connector keeps it: the measure for ours. */
class TomcatNioTlsContractTest extends ContractsOverTls {
    @Override
    TlsUnderTest overTls() {
        return new TlsUnderTest(TomcatNioContractTest.NIO);
    }
}
