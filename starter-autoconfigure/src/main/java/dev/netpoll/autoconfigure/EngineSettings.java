// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.tomcat.NetpollHttp11Protocol;

import org.springframework.boot.tomcat.TomcatProtocolHandlerCustomizer;

import java.util.Locale;

/**
 * Hands the properties to the protocol. Protocol customizers run before connector customizers, so
 * what an application sets in one of those stands.
 */
final class EngineSettings implements TomcatProtocolHandlerCustomizer<NetpollHttp11Protocol> {

    private final NetpollProperties properties;

    EngineSettings(NetpollProperties properties) {
        this.properties = properties;
    }

    @Override
    public void customize(NetpollHttp11Protocol protocol) {
        protocol.setLoops(properties.loops());
        protocol.setCarriers(properties.carriers().name().toLowerCase(Locale.ROOT));
    }
}
