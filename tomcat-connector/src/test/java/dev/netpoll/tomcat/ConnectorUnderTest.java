// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

import java.util.logging.LogRecord;

import javax.net.ssl.SSLContext;

/**
 * A protocol the contract is run on. The contract is the same for all; where one differs by design, the difference is
 * a method here, with its reason, and never a silent exception in a test.
 */
interface ConnectorUnderTest {
    /** The protocol's class name, as a user would write it. */
    String protocol();

    /** The protocol, and what it runs over. */
    default String name() {
        return protocol();
    }

    /** What its clients speak TLS with; null where it is plain. */
    default @Nullable SSLContext tls() {
        return null;
    }

    /** How the names of its threads begin. */
    default String threads() {
        return "http";
    }

    /** Settings that only this protocol has and the tests need to be fast. */
    default void tune(Connector connector) {}

    /**
     * What the server's connection count says when nobody is connected. Zero, except where accepting counts a
     * connection before it has come.
     */
    default long connectionsWhenIdle() {
        return 0;
    }

    /**
     * Whether a connection of HTTP/2 that the server ends may be reset before its client has read why: a close(2) with
     * bytes still to be read does that.
     */
    default boolean resetsAfterGoAway() {
        return false;
    }

    /**
     * Whether, over TLS, an upgraded connection's handler may not be told when the server stops. NIO was seen to close such a
     * connection and tell nobody, once in some dozens of runs.
     */
    default boolean forgetsUpgradesOverTls() {
        return false;
    }

    /**
     * Whether a WebSocket's session may not be told of its end when a message that it sends fails first: whoever closes
     * the connection tells nobody.
     */
    default boolean forgetsSessionsThatSend() {
        return false;
    }

    /** Whether a log record of WARNING or above is this connector's known habit rather than a finding. */
    default boolean isKnownNoise(LogRecord record) {
        return false;
    }
}
