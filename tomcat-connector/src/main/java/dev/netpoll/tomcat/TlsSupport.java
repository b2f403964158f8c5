// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SSLSessionManager;
import org.apache.tomcat.util.net.SSLSupport;

import java.io.IOException;
import java.security.cert.X509Certificate;

/**
 * What a request is told of the TLS of its connection, as it is when it asks: a client may show its certificate in the
 * middle of a request, and has another session from then on. Tomcat's own classes for that are not exported by its module.
 *
 * <p>Made after the handshake. On the threads of the connection.
 */
final class TlsSupport implements SSLSupport, SSLSessionManager {

    private final TlsStream tls;
    private final NetpollTomcatEndpoint endpoint;

    TlsSupport(TlsStream tls, NetpollTomcatEndpoint endpoint) {
        this.tls = tls;
        this.endpoint = endpoint;
    }

    private SSLSupport now() {
        return tls.support(endpoint);
    }

    @Override
    public String getCipherSuite() throws IOException {
        return now().getCipherSuite();
    }

    @Override
    public X509Certificate[] getPeerCertificateChain() throws IOException {
        return now().getPeerCertificateChain();
    }

    @Override
    public X509Certificate[] getLocalCertificateChain() {
        return now().getLocalCertificateChain();
    }

    @Override
    public Integer getKeySize() throws IOException {
        return now().getKeySize();
    }

    @Override
    public String getSessionId() throws IOException {
        return now().getSessionId();
    }

    @Override
    public String getProtocol() throws IOException {
        return TlsEngines.version(now().getProtocol());
    }

    @Override
    public String getRequestedProtocols() throws IOException {
        return now().getRequestedProtocols();
    }

    @Override
    public String getRequestedCiphers() throws IOException {
        return now().getRequestedCiphers();
    }

    @Override
    public void invalidateSession() {
        if (now() instanceof SSLSessionManager manager) {
            manager.invalidateSession();
        }
    }
}
