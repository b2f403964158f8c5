// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/** What of sessions Tomcat's binding of OpenSSL has: those of TLS 1.2 have no id there. */
abstract class OpenSslSessionsContract extends TlsSessionsContract {

    /** OpenSSL takes part in none that a client begins. */
    @Override
    void aClientOfTls12MayBeginAnotherHandshakeBetweenRequests() {}

    @Override
    void aSessionOfTheApplicationMayBeTrackedByThatOfTls(String version) throws Exception {
        if (version.equals("TLSv1.3")) {
            super.aSessionOfTheApplicationMayBeTrackedByThatOfTls(version);
        }
    }
}
