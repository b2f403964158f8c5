// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SSLUtil;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;
import org.apache.tomcat.util.net.TLSClientHelloExtractor.ExtractorResult;

import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** Chooses a host's settings by what a client's first message says, as Tomcat's own connectors do. */
final class TlsEngines {

    private TlsEngines() {}

    /**
     * The engine for what {@code hello} asks of {@code endpoint}; the wrapper learns the host's name.
     *
     * @throws SSLException when Tomcat makes none of it
     */
    static SSLEngine engineFor(
            TLSClientHelloExtractor hello,
            NetpollSocketWrapper wrapper,
            NetpollTomcatEndpoint endpoint)
            throws SSLException {
        try {
            return chosenFor(hello, wrapper, endpoint);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            // Tomcat 11.0.24 passes on what a client offers twice, and the JDK refuses it.
            throw new SSLException("The client's first message makes no settings", e);
        }
    }

    private static SSLEngine chosenFor(
            TLSClientHelloExtractor hello,
            NetpollSocketWrapper wrapper,
            NetpollTomcatEndpoint endpoint) {
        return switch (hello.getResult()) {
            case COMPLETE -> {
                wrapper.setSniHostName(hello.getSNIValue());
                yield endpoint.engineFor(hello.getSNIValue(), hello);
            }
            case NOT_PRESENT -> endpoint.engineFor(null, hello);
            // Too long to be read to its end: the default host's.
            case UNDERFLOW, NEED_READ, NON_SECURE -> endpoint.engineFor(null, null);
        };
    }

    /** Has the wrapper know which of the endpoint's protocols was agreed upon, where it has more than HTTP/1.1. */
    static void agree(
            SSLEngine engine, NetpollSocketWrapper wrapper, NetpollTomcatEndpoint endpoint) {
        if (endpoint.hasNegotiableProtocols()) {
            wrapper.setNegotiatedProtocol(
                    engine instanceof SSLUtil.ProtocolInfo openssl
                            ? openssl.getNegotiatedProtocol()
                            : engine.getApplicationProtocol());
        }
    }

    /** Whether it is OpenSSL's, through Tomcat's binding, and none of the JDK's. */
    static boolean isOpenSsl(SSLEngine engine) {
        return engine instanceof SSLUtil.ProtocolInfo;
    }

    /** What {@code session} has, as {@code TLSv1.3}. OpenSSL's adds something of its own once it has been asked (11.0.24). */
    static String version(SSLSession session) {
        return version(session.getProtocol());
    }

    static String version(String protocol) {
        int own = protocol.indexOf(':');
        return own < 0 ? protocol : protocol.substring(0, own);
    }

    /** By the keys of Tomcat's request attributes. */
    static Map<String, List<String>> attributes(TLSClientHelloExtractor hello) {
        if (hello.getResult() != ExtractorResult.COMPLETE
                && hello.getResult() != ExtractorResult.NOT_PRESENT) {
            return Map.of();
        }
        return Map.of(
                SSLSupport.REQUESTED_PROTOCOL_VERSIONS_KEY, hello.getClientRequestedProtocols(),
                SSLSupport.REQUESTED_CIPHERS_KEY, hello.getClientRequestedCipherNames());
    }
}
