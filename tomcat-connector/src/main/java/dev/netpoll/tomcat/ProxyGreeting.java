// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * What a trusted proxy says of its client before anything else comes on a connection: read once, and what lies behind
 * it handed on. Touched by the threads that process the connection, under its lock.
 */
final class ProxyGreeting {

    private static final Log LOG = LogFactory.getLog(ProxyGreeting.class);

    private final NetpollSocketWrapper connection;
    private final NetpollTomcatEndpoint endpoint;
    private final ConnectionObservation observation;

    /** Null where nothing is expected, or it has been said. */
    private @Nullable ProxyPreamble preamble;

    ProxyGreeting(
            NetpollSocketWrapper connection,
            NetpollTomcatEndpoint endpoint,
            ConnectionObservation observation) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.observation = observation;
    }

    /** How long the first bytes may take, where otherwise it is {@code timeoutMillis}. */
    int begin(int timeoutMillis) {
        ProxyProtocol settings = endpoint.proxyProtocol();
        preamble = settings.preamble(connection.getSocket());
        return preamble == null ? timeoutMillis : settings.timeoutMillis();
    }

    boolean isAwaited() {
        return preamble != null;
    }

    /** Reads it, at most once; false where nothing is to be processed yet, or no more. */
    boolean hasSpoken(SocketEvent event) {
        ProxyPreamble expected = preamble;
        preamble = null;
        if (expected == null) {
            return true;
        }
        try {
            if (event != SocketEvent.OPEN_READ) {
                throw new ProtocolException("No PROXY header came in time"); // counted already
            }
            ByteBuffer behind = expected.read();
            announced(expected.client(), behind);
            if (behind.hasRemaining()) {
                return true;
            }
            connection.registerReadInterest();
        } catch (IOException e) {
            refuse(e);
        }
        return false;
    }

    private void announced(@Nullable InetSocketAddress client, ByteBuffer behind) {
        if (client != null) {
            connection.proxied(client);
        }
        connection.setReadTimeout(endpoint.getConnectionTimeout());
        TlsStream tls = connection.tls();
        if (tls == null) {
            connection.unRead(behind.slice());
        } else {
            tls.begin(behind.slice());
        }
    }

    private void refuse(IOException noHeader) {
        if (noHeader instanceof SocketTimeoutException) {
            observation.expired(DeadlineKind.PROXY);
        }
        if (noHeader instanceof ProtocolException || noHeader instanceof SocketTimeoutException) {
            observation.closesByProxy();
        }
        LOG.debug("No PROXY header on " + connection, noHeader);
        connection.close();
    }
}
