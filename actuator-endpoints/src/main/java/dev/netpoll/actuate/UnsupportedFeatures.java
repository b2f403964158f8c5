// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.apache.catalina.connector.Connector;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;

/**
 * Ends the start when an application's own connector customizer switched on what the connector does
 * not have. Runs last. It is too late then for another protocol: the connector exists.
 */
public final class UnsupportedFeatures implements TomcatConnectorCustomizer {

    @Override
    public void customize(Connector connector) {
        for (UpgradeProtocol upgrade : connector.findUpgradeProtocols()) {
            if (upgrade instanceof Http2Protocol) {
                throw unsupported();
            }
        }
    }

    private static EngineUnavailableException unsupported() {
        return new EngineUnavailableException(
                """
                netpoll.tomcat.enabled is 'true', and a connector customizer of the application \
                switches HTTP/2 on, which netpoll's connector does not do yet.\
                """,
                """
                Set 'netpoll.tomcat.enabled=false', or switch it on by 'server.http2.enabled', which \
                netpoll sees in time to leave the server on Tomcat's NIO connector.\
                """);
    }
}
