// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

import java.util.Set;

/**
 * The contract over OpenSSL's TLS as Tomcat's own NIO connector keeps it: the measure for ours.
 *
 * <p>Not the bodies: NIO reads for ever where one ends too early.
 */
class TomcatNioOpenSslTest extends ContractsOverOpenSsl {

    /** It is told to the log when an upgraded connection ends by close_notify. */
    private static final Set<String> HABITS = Set.of("Error reading request, ignored");

    @Override
    TlsUnderTest overOpenSsl() {
        return OpenSsl.over(TomcatNioContractTest.NIO, HABITS);
    }

    @Nested
    class Tls extends TlsContract {
        @Override
        protected TlsUnderTest subject() {
            return overOpenSsl();
        }

        /** From the second time that it is asked a session's protocol is {@code TLSv1.3:TLS}. */
        @Override
        void aRequestKnowsWhatWasAgreedUpon(String version) {}

        /** The connection ends. */
        @Override
        void tls13AsksInItsFirstHandshakeOnlySoARequestGoesOnWithoutACertificate() {}
    }

    @Nested
    class TlsSessions extends OpenSslSessionsContract {
        @Override
        protected TlsUnderTest subject() {
            return overOpenSsl();
        }

        /** Its handshake of TLS 1.2 waits for ever for what it has read already. */
        @Override
        void aClientHelloMayBeLongerThanARecord(String version) throws Exception {
            if (version.equals("TLSv1.3")) {
                super.aClientHelloMayBeLongerThanARecord(version);
            }
        }
    }
}
