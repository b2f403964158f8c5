// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

/** Of the contract over TLS, what holds over OpenSSL's on our connector as on NIO. */
abstract class ContractsOverOpenSsl {

    abstract TlsUnderTest overOpenSsl();

    @Nested
    class TlsSettings extends TlsSettingsContract {
        @Override
        protected TlsUnderTest subject() {
            return overOpenSsl();
        }
    }

    @Nested
    class RequestThreads extends RequestThreadContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overOpenSsl();
        }
    }
}
